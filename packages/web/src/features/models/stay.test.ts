import { expect, test } from "vitest"
import { stayOf } from "./stay.ts"

const NOW = Date.parse("2030-01-01T12:00:00Z")

test.each([
  [null, { type: "for-ever" }],
  ["2030-01-01T12:05:00Z", { type: "for", leftMs: 300_000 }],
  ["2030-01-01T12:00:00Z", { type: "leaving" }],
  ["2030-01-01T11:00:00Z", { type: "leaving" }],
  ["2055-01-01T00:00:00Z", { type: "for-ever" }],
  ["not a time", { type: "for-ever" }],
] as const)("until %s", (expiresAt, stay) => {
  expect(stayOf(expiresAt, NOW)).toEqual(stay)
})

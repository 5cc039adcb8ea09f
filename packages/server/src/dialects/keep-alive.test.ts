import { expect, test } from "vitest"
import { KeepAlive } from "./keep-alive.ts"

test.each([
  [0, 0],
  ["0", 0],
  ["0s", 0],
  [30, 30_000],
  [0.5, 500],
  ["300", 300_000],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
  ["100ns", 0],
  [-1, -1],
  ["-1", -1],
  ["-1m", -1],
  ["+5s", 5_000],
  [" 5s ", 5_000],
  [2_147_483, 2_147_483_000],
  [2_147_484, -1],
  [2 ** 53, -1],
  ["24h", 86_400_000],
  ["600h", -1],
])("%j is %d ms", (value, ms) => {
  expect(KeepAlive.parse(value)).toBe(ms)
})

test.each([
  ["soon"],
  [""],
  ["5 minutes"],
  ["m"],
  ["1d"],
  [Number.POSITIVE_INFINITY],
  [Number.NaN],
  [null],
  [{}],
  ["1".repeat(65)],
])("%j is refused", (value) => {
  expect(KeepAlive.safeParse(value).success).toBe(false)
})

test("a text of digits without end takes no time", () => {
  expect(KeepAlive.safeParse(`${"1".repeat(1_000_000)}x`).success).toBe(false)
})

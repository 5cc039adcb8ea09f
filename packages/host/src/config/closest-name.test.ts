import { expect, test } from "vitest"
import { closestName } from "./closest-name.ts"

const names = ["smollm2:135m", "qwen2.5:0.5b", "port", "host"]

test.each([
  ["smolm2:135m", "smollm2:135m"],
  ["SMOLLM2:135M", "smollm2:135m"],
  ["prot", "port"],
  ["xyzzy", undefined],
  ["", undefined],
  ["p", undefined],
  ["a".repeat(101), undefined],
])("%j means %s", (name, expected) => {
  expect(closestName(name, names)).toBe(expected)
})

import fc from "fast-check"
import { expect, test } from "vitest"
import { largestContext } from "./largest-context.ts"

test("finds the last block that fits, for every limit", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (most, limit) => {
        const expected = Math.floor(Math.min(most, limit) / 256) * 256
        expect(largestContext(most, (length) => length <= limit)).toBe(expected)
      },
    ),
  )
})

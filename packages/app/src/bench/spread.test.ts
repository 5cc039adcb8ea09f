import fc from "fast-check"
import { expect, test } from "vitest"
import { quantile, spreadOf } from "./spread.ts"

test.each<[number[], ReturnType<typeof spreadOf>]>([
  [[], null],
  [[3], { median: 3, min: 3, max: 3 }],
  [[9, 1, 2], { median: 2, min: 1, max: 9 }],
  [[4, 1, 2, 3], { median: 2.5, min: 1, max: 4 }],
])("the spread of %j", (values, expected) => {
  expect(spreadOf(values)).toEqual(expected)
})

test("the order of the rounds does not matter, and the median lies between the extremes", () => {
  const rounds = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(rounds, (values) => {
      const spread = spreadOf(values)
      if (spread === null) throw new Error("no spread")
      expect(spreadOf(values.toReversed())).toEqual(spread)
      expect(spread.min).toBeLessThanOrEqual(spread.median)
      expect(spread.median).toBeLessThanOrEqual(spread.max)
    }),
  )
})

test("a quantile lies between its neighbours", () => {
  const hundred = Array.from({ length: 101 }, (_, index) => index)
  expect([0, 0.5, 0.95, 1].map((share) => quantile(hundred, share))).toEqual([0, 50, 95, 100])
  expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5)
})

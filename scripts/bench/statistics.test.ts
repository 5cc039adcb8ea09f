import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { harmonicMean, meets, percentile, ratios, summarise } from "./statistics.ts"

test("half the way at 60 and half at 30 is 40 in all", () => {
  expect(harmonicMean([60, 30])).toBe(40)
  expect(() => harmonicMean([])).toThrow("no measurements")
})

describe("summarise", () => {
  test.each([
    [[3], { median: 3, minimum: 3, maximum: 3, count: 1 }],
    [[5, 1, 3], { median: 3, minimum: 1, maximum: 5, count: 3 }],
    [[4, 1, 2, 3], { median: 2.5, minimum: 1, maximum: 4, count: 4 }],
  ])("%j", (values, expected) => {
    expect(summarise(values)).toEqual(expected)
  })

  test("nothing to summarise is a mistake", () => {
    expect(() => summarise([])).toThrow("no measurements")
    expect(() => percentile([], 0.5)).toThrow("no measurements")
  })

  test("the largest numbers there are have a median", () => {
    expect(summarise([Number.MAX_VALUE, -Number.MAX_VALUE]).median).toBe(0)
  })

  test("the order does not matter, and the list stays as it was", () => {
    fc.assert(
      fc.property(
        // Sorting leaves −0 on either side of 0, and no time is −0.
        fc.array(
          fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
          { minLength: 1 },
        ),
        (values) => {
          const before = [...values]
          const summary = summarise(values)
          expect(values).toEqual(before)
          expect(summarise([...values].reverse())).toEqual(summary)
          expect(summary.median).toBeGreaterThanOrEqual(summary.minimum)
          expect(summary.median).toBeLessThanOrEqual(summary.maximum)
        },
      ),
    )
  })
})

test.each([
  [0, 1],
  [0.25, 2],
  [0.95, 4.8],
  [1, 5],
  [7, 5],
])("percentile %d of 1…5 is %d", (share, expected) => {
  expect(percentile([5, 3, 1, 4, 2], share)).toBeCloseTo(expected)
})

describe("ratios", () => {
  test("are taken round by round", () => {
    expect(ratios([10, 30], [20, 10])).toEqual([0.5, 3])
  })
  test("need a partner in each round, and something measured", () => {
    expect(() => ratios([1, 2], [1])).toThrow("cannot be paired")
    expect(() => ratios([1], [0])).toThrow("round 1 measured nothing")
  })
})

test.each([
  [0.95, 0.95, "higher", true],
  [0.949, 0.95, "higher", false],
  [1.2, 1.2, "lower", true],
  [1.21, 1.2, "lower", false],
] as const)("%d against a goal of %d, %s is better: %s", (ratio, goal, better, expected) => {
  expect(meets(ratio, goal, better)).toBe(expected)
})

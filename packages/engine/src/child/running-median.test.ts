import fc from "fast-check"
import { expect, test } from "vitest"
import { createRunningMedian } from "./running-median.ts"

test("nothing is the median of no values", () => {
  const running = createRunningMedian(3)
  expect(running.count).toBe(0)
  expect(running.median).toBeNaN()
})

test("it is the median of the last values, as a sort finds it", () => {
  const value = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.integer({ min: 0, max: 3 }))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (values, size) => {
      const running = createRunningMedian(size)
      for (const [index, value] of values.entries()) {
        running.add(value)
        const last = values.slice(Math.max(0, index + 1 - size), index + 1)
        expect(running.count).toBe(last.length)
        expect(running.median).toEqual(last.sort((a, b) => a - b)[last.length >> 1])
      }
    }),
  )
})

import fc from "fast-check"
import { expect, test } from "vitest"
import { argmax } from "./argmax.ts"

test("the first of the largest, wherever it is", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(-3, -1.5, -0, 0, 0.25, 7, 1e-40, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
        {
          minLength: 1,
          maxLength: 40,
        },
      ),
      // 0 and −0 are equal, for `indexOf` and here.
      (values) => argmax(Float32Array.from(values)) === values.indexOf(Math.max(...values)),
    ),
  )
})

test("what is not a number is never chosen before a number", () => {
  expect(argmax(Float32Array.from([Number.NaN, -2, Number.NaN, -1, Number.NaN]))).toBe(3)
  expect(argmax(Float32Array.from([Number.NaN, 2, -Number.NaN, 5, Number.NaN]))).toBe(3)
})

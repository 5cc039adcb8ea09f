import fc from "fast-check"
import { expect, test } from "vitest"
import { argmax } from "./argmax.ts"

test("the first of the largest, wherever it is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(-3, -1.5, 0, 0.25, 7, Number.NEGATIVE_INFINITY), {
        minLength: 1,
        maxLength: 40,
      }),
      (values) => argmax(Float32Array.from(values)) === values.indexOf(Math.max(...values)),
    ),
  )
})

test("what is not a number is never chosen before a number", () => {
  expect(argmax(Float32Array.from([Number.NaN, -2, Number.NaN, -1, Number.NaN]))).toBe(3)
})

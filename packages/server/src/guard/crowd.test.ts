import { expect, test } from "vitest"
import { createCrowd } from "./crowd.ts"

test("n are let in, n + 1 is not; who leaves makes room once", () => {
  const crowd = createCrowd(() => 2)
  const full = expect.objectContaining({ code: "overloaded", details: { retryAfterSeconds: 1 } })
  const leave = crowd.enter()
  crowd.enter()
  expect(() => crowd.enter()).toThrowError(full)
  leave()
  leave()
  crowd.enter()
  expect(() => crowd.enter()).toThrowError(full)
})

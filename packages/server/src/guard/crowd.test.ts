import { expect, test } from "vitest"
import { createCrowd } from "./crowd.ts"

test("n are let in, n + 1 is not; who leaves makes room once", () => {
  const crowd = createCrowd(() => 2)
  const full = expect.objectContaining({ code: "overloaded", details: { retryAfterSeconds: 1 } })
  const leave = crowd.enter("a")
  crowd.enter("a")
  expect(() => crowd.enter("a")).toThrowError(full)
  leave()
  leave()
  crowd.enter("a")
  expect(() => crowd.enter("a")).toThrowError(full)
})

test("a crowd of one owner does not keep another out, up to its part", () => {
  const crowd = createCrowd(() => 4)
  for (let at = 0; at < 4; at += 1) crowd.enter("many")
  const leave = crowd.enter("few")
  crowd.enter("few")
  expect(() => crowd.enter("few")).toThrowError(expect.objectContaining({ code: "overloaded" }))
  expect(() => crowd.enter("many")).toThrowError(expect.objectContaining({ code: "overloaded" }))
  leave()
  crowd.enter("few")
})

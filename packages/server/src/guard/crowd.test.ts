import { expect, test } from "vitest"
import { createCrowd } from "./crowd.ts"

test("n are let in, n + 1 is not; who leaves makes room once", () => {
  const crowd = createCrowd(() => 2)
  const full = expect.objectContaining({ code: "overloaded", details: { retryAfterSeconds: 1 } })
  const place = crowd.enter("a")
  crowd.enter("a")
  expect(() => crowd.enter("a")).toThrowError(full)
  place.leave()
  place.leave()
  crowd.enter("a")
  expect(() => crowd.enter("a")).toThrowError(full)
})

test("who steps out makes room, and comes in again only where there is some", () => {
  const crowd = createCrowd(() => 1)
  const full = expect.objectContaining({ code: "overloaded" })
  const slow = crowd.enter("a")
  slow.stepOut()
  slow.stepOut()
  const other = crowd.enter("a")
  expect(() => crowd.enter("a")).toThrowError(full)
  expect(() => slow.stepIn()).toThrowError(full)
  other.leave()
  slow.stepIn()
  slow.stepIn()
  expect(() => crowd.enter("a")).toThrowError(full)
  slow.leave()
  slow.stepIn()
  crowd.enter("a")
})

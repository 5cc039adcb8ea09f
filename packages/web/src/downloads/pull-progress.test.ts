import type { JobEvent } from "@fireside/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { addUpStep, applyJobEvent, NO_PROGRESS, type PullProgress } from "./pull-progress.ts"

const after = (...events: readonly JobEvent[]): PullProgress => events.reduce(applyJobEvent, NO_PROGRESS)

const bytes = (doneBytes: number, totalBytes: number, file = "a.gguf", bytesPerSecond = 10): JobEvent => ({
  type: "progress",
  file,
  doneBytes,
  totalBytes,
  bytesPerSecond,
})

test.each([
  ["asking hf:owner/repo", "asking"],
  ["downloading from pip:package", "downloading"],
  ["verifying tiny:1b", "checking"],
  ["checking tiny:1b", "checking"],
  ["joining 3 parts", "joining"],
  ["writing the manifest", "storing"],
  ["copying a.gguf", "other"],
  ["", "other"],
] as const)("the status %j is the step %s", (message, step) => {
  expect(after({ type: "status", message })).toMatchObject({ step, message })
})

test("the bytes of a check do not count as those of the download", () => {
  const checking = after(bytes(100, 100), { type: "status", message: "checking tiny:1b" }, bytes(20, 100))
  expect(addUpStep(checking)).toMatchObject({ doneBytes: 20, totalBytes: 100, percent: 20 })
})

test("the parts of a model add up, and the time left is of all of them", () => {
  const totals = addUpStep(after(bytes(50, 100, "1.gguf"), bytes(0, 300, "2.gguf", 25)))
  expect(totals).toEqual({ doneBytes: 50, totalBytes: 400, bytesPerSecond: 35, secondsLeft: 10, percent: 12 })
})

test("a part that is whole has no speed any more", () => {
  expect(addUpStep(after(bytes(100, 100, "1.gguf", 90), bytes(0, 300, "2.gguf", 25))).bytesPerSecond).toBe(25)
})

test("without a size there is neither a percentage nor a time", () => {
  expect(addUpStep(after(bytes(50, 0)))).toEqual({
    doneBytes: 50,
    totalBytes: 0,
    bytesPerSecond: 10,
    secondsLeft: undefined,
    percent: undefined,
  })
})

test("a pull that was stopped has not failed", () => {
  const stopped = after(bytes(1, 2), { type: "error", code: "interrupted", message: "cancelled" })
  expect(stopped.end).toEqual({ type: "stopped" })
  const failed = after({ type: "error", code: "disk-full", message: "full", hint: "make room" })
  expect(failed.end).toEqual({
    type: "failed",
    error: { code: "disk-full", message: "full", hint: "make room" },
  })
})

test("notices do not fill the memory", () => {
  const many = Array.from({ length: 50 }, (_, at): JobEvent => ({ type: "notice", message: `${at}` }))
  const { notices } = after(...many)
  expect(notices).toHaveLength(20)
  expect(notices.at(-1)).toBe("49")
})

test("whatever the numbers, a percentage is one", () => {
  const count = fc.nat(2 ** 40)
  fc.assert(
    fc.property(fc.array(fc.tuple(count, count, fc.constantFrom("a", "b", "c"))), (parts) => {
      const { percent } = addUpStep(after(...parts.map(([done, total, file]) => bytes(done, total, file))))
      if (percent === undefined) return
      expect(percent).toBeGreaterThanOrEqual(0)
      expect(percent).toBeLessThanOrEqual(100)
    }),
  )
})

import type { Job, JobEvent } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { foldJobEvent, jobProgress, NOTHING_HEARD } from "./live-job.ts"

const fold = (...events: readonly JobEvent[]) => events.reduce(foldJobEvent, NOTHING_HEARD)
const progress = (doneBytes: number, secondsLeft?: number): JobEvent => ({
  type: "progress",
  file: "weights.gguf",
  doneBytes,
  totalBytes: 100,
  bytesPerSecond: 10,
  ...(secondsLeft === undefined ? {} : { secondsLeft }),
})

describe("events of a job", () => {
  test("the newest progress and what it does now", () => {
    const live = fold({ type: "status", message: "looking for it" }, progress(10, 9), progress(50, 5))
    expect(live).toEqual({
      status: "looking for it",
      notices: [],
      doneBytes: 50,
      totalBytes: 100,
      bytesPerSecond: 10,
      secondsLeft: 5,
    })
  })

  test("a time left that is not known any more is not shown", () => {
    expect(fold(progress(10, 9), progress(20)).secondsLeft).toBeUndefined()
  })

  test("the last five notices are kept, in their order", () => {
    const notices = ["1", "2", "3", "4", "5", "6"].map((message) => ({ type: "notice", message }) as const)
    expect(fold(...notices).notices).toEqual(["2", "3", "4", "5", "6"])
  })

  test("a notice that comes again is shown once, as the newest", () => {
    const notices = ["1", "2", "1"].map((message) => ({ type: "notice", message }) as const)
    expect(fold(...notices).notices).toEqual(["2", "1"])
  })

  test("its end changes nothing: the row says how it ended", () => {
    const before = fold(progress(10, 9))
    expect(foldJobEvent(before, { type: "finish", name: "x", digest: "y" })).toBe(before)
    expect(foldJobEvent(before, { type: "error", code: "interrupted", message: "x" })).toBe(before)
  })
})

describe("how far it is", () => {
  const job = { doneBytes: 30, totalBytes: 100 } as Job

  test("by its row, until something is heard", () => {
    expect(jobProgress(job, NOTHING_HEARD).fraction).toBe(0.3)
    expect(jobProgress(job, fold(progress(60))).fraction).toBe(0.6)
  })

  test("never over the end, and unknown without a whole", () => {
    expect(jobProgress({ ...job, doneBytes: 130 }, NOTHING_HEARD).fraction).toBe(1)
    expect(jobProgress({ ...job, totalBytes: 0 }, NOTHING_HEARD).fraction).toBeUndefined()
  })
})

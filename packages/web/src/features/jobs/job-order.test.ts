import type { Job } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { canResume, isSuperseded, orderJobs } from "./job-order.ts"

const job = (id: string, minute: number, rest: Partial<Job> = {}): Job => ({
  id,
  kind: "pull",
  subject: "smollm2:135m",
  state: "done",
  createdAt: `2026-01-01T10:0${minute}:00.000Z`,
  updatedAt: "2026-01-01T11:00:00.000Z",
  doneBytes: 0,
  totalBytes: 0,
  error: null,
  ...rest,
})

describe("the order of jobs", () => {
  test("running ones on top, each part newest first", () => {
    const jobs = [
      job("a", 1, { state: "running" }),
      job("b", 2),
      job("c", 3, { state: "failed" }),
      job("d", 4, { state: "running" }),
    ]
    const { running, ended } = orderJobs(jobs)
    expect(running.map(({ id }) => id)).toEqual(["d", "a"])
    expect(ended.map(({ id }) => id)).toEqual(["c", "b"])
  })
})

describe("what can go on", () => {
  test.each([
    ["pull", "failed", true],
    ["pull", "cancelled", true],
    ["pull", "done", false],
    ["pull", "running", false],
    ["create", "failed", false],
    ["import", "cancelled", false],
  ] as const)("%s, %s: %s", (kind, state, expected) => {
    expect(canResume(job("a", 1, { kind, state }))).toBe(expected)
  })

  test("a pull that went on in a newer one needs no button", () => {
    const old = job("a", 1, { state: "failed" })
    expect(isSuperseded(old, [old, job("b", 2, { state: "running" })])).toBe(true)
    expect(isSuperseded(old, [old, job("b", 2, { state: "done" })])).toBe(true)
    expect(isSuperseded(old, [old, job("b", 2, { state: "failed" })])).toBe(false)
    expect(isSuperseded(old, [old, job("b", 2, { subject: "other" })])).toBe(false)
    expect(isSuperseded(job("b", 2, { state: "failed" }), [job("a", 1)])).toBe(false)
  })
})

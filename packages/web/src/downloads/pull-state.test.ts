import type { Job } from "@fireside/protocol"
import { expect, test } from "vitest"
import { percentOf, pullStateOf, unfinishedPulls } from "./pull-state.ts"

const NOW = Date.parse("2030-01-10T00:00:00Z")

const job = (change: Partial<Job>): Job => ({
  id: "1",
  kind: "pull",
  subject: "tiny:1b",
  state: "running",
  createdAt: "2030-01-09T00:00:00Z",
  updatedAt: "2030-01-09T00:00:00Z",
  doneBytes: 0,
  totalBytes: 0,
  error: null,
  ...change,
})

test.each([
  ["nothing was pulled", [], "none"],
  ["another model was", [job({ subject: "tiny:2b" })], "none"],
  ["it was made, not pulled", [job({ kind: "create" })], "none"],
  ["it runs", [job({})], "running"],
  ["somebody stopped it", [job({ state: "cancelled" })], "paused"],
  ["the server ended", [job({ state: "failed", error: { code: "interrupted", message: "" } })], "paused"],
  ["it failed", [job({ state: "failed", error: { code: "disk-full", message: "" } })], "failed"],
  ["it failed without a word", [job({ state: "failed" })], "failed"],
  ["it is there", [job({ state: "done" })], "done"],
  [
    "it was stopped so long ago that nothing is left",
    [job({ state: "cancelled", updatedAt: "2030-01-02T23:59:59Z" })],
    "none",
  ],
] as const)("%s", (_, jobs, type) => {
  expect(pullStateOf(jobs, "tiny:1b", NOW).type).toBe(type)
})

test("the newest counts, in whatever order they come", () => {
  const old = job({ id: "old", state: "failed", createdAt: "2030-01-08T00:00:00Z" })
  const recent = job({ id: "recent" })
  for (const jobs of [
    [old, recent],
    [recent, old],
  ])
    expect(pullStateOf(jobs, "tiny:1b", NOW)).toEqual({ type: "running", job: recent })
})

test("what is not finished, the newest first, each once", () => {
  const jobs = [
    job({ subject: "paused", state: "cancelled", createdAt: "2030-01-01T00:00:00Z" }),
    job({ subject: "running", createdAt: "2030-01-09T00:00:00Z" }),
    job({ subject: "running", state: "cancelled", createdAt: "2030-01-02T00:00:00Z" }),
    job({ subject: "again", state: "failed", createdAt: "2030-01-03T00:00:00Z" }),
    job({ subject: "again", state: "done", createdAt: "2030-01-04T00:00:00Z" }),
    job({ subject: "failed", state: "failed", createdAt: "2030-01-05T00:00:00Z" }),
    job({ subject: "made", kind: "create" }),
  ]
  expect(unfinishedPulls(jobs, NOW)).toEqual(["running", "failed", "paused"])
})

test.each([
  [0, 0, undefined],
  [1, 3, 33],
  [999, 1_000, 99],
  [5, 4, 100],
])("%d of %d bytes", (doneBytes, totalBytes, percent) => {
  expect(percentOf({ doneBytes, totalBytes })).toBe(percent)
})

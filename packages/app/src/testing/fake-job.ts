import type { Job } from "@fireside/protocol"

/** A pull of `tiny` that runs. */
export function fakeJob(change: Partial<Job> = {}): Job {
  return {
    id: "1",
    kind: "pull",
    subject: "tiny",
    state: "running",
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    doneBytes: 0,
    totalBytes: 0,
    error: null,
    ...change,
  }
}

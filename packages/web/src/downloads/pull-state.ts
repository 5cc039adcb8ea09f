// Where the pull of a model stands, by the list of jobs: a reload or another tab sees the same.
import type { Job } from "@fireside/protocol"

export type PullState =
  | { readonly type: "none" }
  | { readonly type: "running"; readonly job: Job }
  /** Stopped by somebody, or by the end of the server; what is here is kept. */
  | { readonly type: "paused"; readonly job: Job }
  | { readonly type: "failed"; readonly job: Job }
  | { readonly type: "done"; readonly job: Job }

const NONE: PullState = Object.freeze({ type: "none" })

/** Partial downloads are thrown away after a week: an older pause is none. */
const PAUSE_MAX_AGE_MS = 7 * 24 * 3_600_000

/** The newest pull of `reference`. `nowMs`: since 1970. */
export function pullStateOf(jobs: readonly Job[], reference: string, nowMs: number): PullState {
  const job = jobs
    .filter((it) => it.kind === "pull" && it.subject === reference)
    .reduce<Job | undefined>(
      (newest, it) => (newest === undefined || it.createdAt > newest.createdAt ? it : newest),
      undefined,
    )
  return job === undefined ? NONE : stateOf(job, nowMs)
}

function stateOf(job: Job, nowMs: number): PullState {
  switch (job.state) {
    case "running":
      return { type: "running", job }
    case "done":
      return { type: "done", job }
    case "cancelled":
      return paused(job, nowMs)
    case "failed":
      return job.error?.code === "interrupted" ? paused(job, nowMs) : { type: "failed", job }
    default:
      return job.state satisfies never
  }
}

function paused(job: Job, nowMs: number): PullState {
  return nowMs - Date.parse(job.updatedAt) > PAUSE_MAX_AGE_MS ? NONE : { type: "paused", job }
}

/** References whose newest pull runs, is paused or failed; the newest first. */
export function unfinishedPulls(jobs: readonly Job[], nowMs: number): readonly string[] {
  const newest = jobs
    .filter(({ kind }) => kind === "pull")
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  const references = [...new Set(newest.map(({ subject }) => subject))]
  return references.filter((reference) => {
    const { type } = pullStateOf(jobs, reference, nowMs)
    return type === "running" || type === "paused" || type === "failed"
  })
}

/** Share of the download that is here, 0 to 100; undefined when its size is not known. */
export function percentOf({
  doneBytes,
  totalBytes,
}: Pick<Job, "doneBytes" | "totalBytes">): number | undefined {
  return totalBytes > 0 ? Math.min(100, Math.floor((doneBytes / totalBytes) * 100)) : undefined
}

// Which jobs are shown where: those that run on top, the newest first, the others below, the newest first.
import type { Job } from "@fireside/protocol"

export interface OrderedJobs {
  readonly running: readonly Job[]
  readonly ended: readonly Job[]
}

export function orderJobs(jobs: readonly Job[]): OrderedJobs {
  const newestFirst = [...jobs].sort((one, other) => compare(other.createdAt, one.createdAt))
  return {
    running: newestFirst.filter(({ state }) => state === "running"),
    ended: newestFirst.filter(({ state }) => state !== "running"),
  }
}

/** Only a pull knows how to go on where it stopped. */
export function canResume({ kind, state }: Job): boolean {
  return kind === "pull" && (state === "failed" || state === "cancelled")
}

/**
 * A job that went on in a newer job of the same kind for the same thing needs nothing any more: its button would begin the work twice.
 * `jobs` are all there are.
 */
export function isSuperseded(job: Job, jobs: readonly Job[]): boolean {
  return jobs.some(
    ({ kind, subject, state, createdAt }) =>
      kind === job.kind &&
      subject === job.subject &&
      createdAt > job.createdAt &&
      (state === "running" || state === "done"),
  )
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

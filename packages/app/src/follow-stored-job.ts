// The events of a job that another process runs, or that has ended: read out of the database, again and again until its end.
import type { Clock } from "@fireside/host"
import { AppError, type Job, type JobEvent } from "@fireside/protocol"
import { errorEvent, type JobStore } from "./jobs.ts"

/** Its owner writes its progress as often. */
const POLL_MS = 1_000

/** Ends with `finish` or an `error` event. Throws `not-found` for a job that there is not (any more). */
export async function* followStoredJob(
  { store, clock, id }: { readonly store: JobStore; readonly clock: Clock; readonly id: string },
  signal: AbortSignal,
): AsyncIterable<JobEvent> {
  let read = 0
  let before: { readonly doneBytes: number; readonly atMs: number } | undefined
  for (;;) {
    signal.throwIfAborted()
    // The row first: its owner writes the last event before it writes that the job has ended.
    const job = await findJob(store, id)
    const events = await store.events(id)
    for (const event of events.slice(read)) yield event
    read = events.length
    const last = events.at(-1)
    if (last?.type === "finish" || last?.type === "error") return
    if (job.state !== "running") {
      yield closingEvent(job)
      return
    }
    if (job.totalBytes > 0 && job.doneBytes !== before?.doneBytes) {
      const atMs = clock.monotonic()
      const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1_000
      const bytes = job.doneBytes - (before?.doneBytes ?? 0)
      yield {
        type: "progress",
        file: job.subject,
        doneBytes: job.doneBytes,
        totalBytes: job.totalBytes,
        bytesPerSecond: seconds > 0 ? Math.max(0, bytes / seconds) : 0,
      }
      before = { doneBytes: job.doneBytes, atMs }
    }
    await pause(clock, signal)
  }
}

/** Throws `not-found`. */
export async function findJob(store: JobStore, id: string): Promise<Job> {
  const job = await store.find(id)
  if (job === undefined) throw unknownJob(id)
  return job
}

export const unknownJob = (id: string): AppError =>
  new AppError("not-found", {
    message: `There is no job ${JSON.stringify(id)}.`,
    hint: "Only the newest jobs are kept; the list of jobs names them.",
  })

/** For a job whose last event was not written: its reader left, or its process died. */
function closingEvent({ state, error, kind, subject }: Job): JobEvent {
  return errorEvent(
    error ?? {
      code: "interrupted",
      message: `The ${kind} of ${subject} was ${state === "cancelled" ? "cancelled" : "cut off"}.`,
    },
  )
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const onAbort = (): void => resolve()
  const timer = clock.setTimer(POLL_MS, resolve)
  signal.addEventListener("abort", onAbort, { once: true })
  return promise.finally(() => {
    timer.cancel()
    signal.removeEventListener("abort", onAbort)
  })
}

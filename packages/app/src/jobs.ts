// Long work as rows with an event log: pull, import and verify. A job's truth is its events; the row says where it stands.
import type { Log } from "@fireside/host"
import {
  AppError,
  type ErrorBody,
  fromErrorBody,
  type Job,
  type JobEvent,
  type JobKind,
  type JobState,
  toErrorBody,
} from "@fireside/protocol"

export interface JobChange {
  readonly state?: JobState
  readonly doneBytes?: number
  readonly totalBytes?: number
  readonly error?: ErrorBody
}

export interface JobStore {
  begin(kind: JobKind, subject: string): Promise<string>
  update(id: string, change: JobChange): Promise<void>
  append(id: string, event: JobEvent): Promise<void>
  events(id: string): Promise<readonly JobEvent[]>
  /** Newest first. */
  list(): Promise<readonly Job[]>
}

export interface RecordOptions {
  readonly kind: JobKind
  readonly subject: string
  readonly store: () => Promise<JobStore>
  readonly log: Log
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

/** A row is written at most this often while bytes flow. */
const PROGRESS_EVERY_MS = 1_000

/**
 * Passes the events on and keeps them. An `error` event is thrown as its `AppError`, so callers have one way to fail.
 * A database that cannot be opened or written is logged and does not end the work: the files are what counts.
 */
export async function* recordJob(
  events: AsyncIterable<JobEvent>,
  options: RecordOptions,
): AsyncIterable<JobEvent> {
  const record = openRecord(options)
  let finished = false
  try {
    for await (const event of events) {
      if (event.type === "error") throw fromErrorBody(bodyOf(event))
      record.event(event)
      if (event.type === "finish") finished = true
      yield event
    }
    if (!finished) throw new Error(`the job ${options.kind} ended without \`finish\` or \`error\``)
    await record.end({ state: "done" })
  } catch (error) {
    const body = toErrorBody(error)
    await record.end({ state: body.code === "interrupted" ? "cancelled" : "failed", error: body })
    throw error
  } finally {
    // The reader left: after the last event it is done all the same.
    await record.end({ state: finished ? "done" : "cancelled" })
  }
}

function bodyOf(event: Extract<JobEvent, { type: "error" }>): ErrorBody {
  const { code, message, hint } = event
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}

interface JobRecord {
  event(event: JobEvent): void
  /** Only the first call counts. */
  end(change: JobChange): Promise<void>
}

function openRecord({ kind, subject, store, log, now }: RecordOptions): JobRecord {
  const opened = (async () => {
    const jobs = await store()
    return { jobs, id: await jobs.begin(kind, subject) }
  })()
  let writes: Promise<void> = Promise.resolve()
  let broken = false
  let ended = false
  let lastProgressAt = Number.NEGATIVE_INFINITY

  const write = (action: (jobs: JobStore, id: string) => Promise<void>): void => {
    writes = writes.then(async () => {
      if (broken) return
      try {
        const { jobs, id } = await opened
        await action(jobs, id)
      } catch (error) {
        broken = true
        log.warn("the job is not recorded", {
          kind,
          reason: error instanceof AppError ? error.code : String(error),
        })
      }
    })
  }
  write(async () => {})

  return {
    event(event) {
      if (event.type !== "progress") return write((jobs, id) => jobs.append(id, event))
      if (now() - lastProgressAt < PROGRESS_EVERY_MS) return
      lastProgressAt = now()
      const { doneBytes, totalBytes } = event
      write((jobs, id) => jobs.update(id, { doneBytes, totalBytes }))
    },
    async end(change) {
      if (ended) return
      ended = true
      const { error } = change
      if (error !== undefined)
        write((jobs, id) => jobs.append(id, { type: "error", ...withoutDetails(error) }))
      write((jobs, id) => jobs.update(id, change))
      await writes
    },
  }
}

function withoutDetails({ code, message, hint }: ErrorBody): Omit<ErrorBody, "details"> {
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}

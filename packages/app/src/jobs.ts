// Long work as rows with an event log: pull, import and verify. A job's truth is its events; the row says where it stands.
import type { Log } from "@fireside/host"
import {
  AppError,
  type ErrorBody,
  type ErrorFields,
  errorBody,
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
  /** The job belongs to this process: when the process is gone, a running one is shown as `failed` with the code `interrupted`. */
  begin(kind: JobKind, subject: string): Promise<string>
  /** Says whether somebody asked for its end meanwhile. */
  update(id: string, change: JobChange): Promise<{ readonly cancelRequested: boolean }>
  append(id: string, event: JobEvent): Promise<void>
  events(id: string): Promise<readonly JobEvent[]>
  find(id: string): Promise<Job | undefined>
  /** Newest first. */
  list(): Promise<readonly Job[]>
  /** Asks the process that it belongs to; it sees so with its next progress. Nothing happens to one that has ended. */
  requestCancel(id: string): Promise<void>
}

export interface RecordOptions {
  readonly kind: JobKind
  readonly subject: string
  readonly store: () => Promise<JobStore>
  readonly log: Log
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Gets the id of the job when the work starts; rejected when it cannot be recorded. */
  readonly onBegin?: (begun: Promise<string>) => void
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
      if (event.type === "error") throw fromErrorBody(event)
      record.event(event)
      if (event.type === "finish") finished = true
      yield event
      if (!finished && record.isCancelRequested())
        throw new AppError("interrupted", {
          message: `The ${options.kind} of ${options.subject} was cancelled.`,
        })
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

interface JobRecord {
  event(event: JobEvent): void
  /** Did another process ask for the end of this job? */
  isCancelRequested(): boolean
  /** Only the first call counts. */
  end(change: JobChange): Promise<void>
}

function openRecord({ kind, subject, store, log, now, onBegin }: RecordOptions): JobRecord {
  const opened = (async () => {
    const jobs = await store()
    return { jobs, id: await jobs.begin(kind, subject) }
  })()
  onBegin?.(opened.then(({ id }) => id))
  let writes: Promise<void> = Promise.resolve()
  let cancelRequested = false
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
      write(async (jobs, id) => {
        const written = await jobs.update(id, { doneBytes, totalBytes })
        cancelRequested = written.cancelRequested
      })
    },
    isCancelRequested: () => cancelRequested,
    async end(change) {
      if (ended) return
      ended = true
      const { error } = change
      if (error !== undefined) write((jobs, id) => jobs.append(id, errorEvent(error)))
      write(async (jobs, id) => void (await jobs.update(id, change)))
      await writes
    },
  }
}

/** A job's last event when it failed. Details are for who began it and is still there, not for the record. */
export function errorEvent({ code, message, hint }: ErrorFields): JobEvent {
  return { type: "error", ...errorBody({ code, message, hint }) }
}

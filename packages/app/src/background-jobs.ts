// Jobs that go on without a reader: started, followed, cancelled, resumed.
import { AppError, type Job, type JobEvent, toErrorBody } from "@fireside/protocol"
import type { Jobs } from "./app.ts"
import { findJob, followStoredJob, unknownJob } from "./follow-stored-job.ts"
import { createJobFeed, type JobFeed } from "./job-feed.ts"
import { errorEvent, type JobStore } from "./jobs.ts"
import type { Parts } from "./parts.ts"
import { recordedWork, type WorkRequest } from "./recorded-work.ts"

/** Disposing cancels what runs and waits until it has ended. */
export interface BackgroundJobs extends Jobs, AsyncDisposable {}

interface RunningJob {
  readonly feed: JobFeed
  readonly controller: AbortController
  /** Resolves when the job has ended and its row says so. Never rejects. */
  readonly ended: Promise<void>
}

export function createJobs(parts: Parts): BackgroundJobs {
  const running = new Set<RunningJob>()
  const byId = new Map<string, RunningJob>()
  let closed = false
  /** Opening the database makes it: a look at what cannot be there does not. */
  const existing = async (): Promise<JobStore | undefined> =>
    (await parts.hasDatabase()) ? await parts.jobs() : undefined
  const find = async (id: string): Promise<{ store: JobStore; job: Job }> => {
    const store = await existing()
    if (store === undefined) throw unknownJob(id)
    return { store, job: await findJob(store, id) }
  }

  async function start(request: WorkRequest): Promise<Job> {
    if (closed) throw new AppError("shutting-down", { message: "Fireside is closing; no job begins now." })
    const begun = Promise.withResolvers<string>()
    const controller = new AbortController()
    const feed = createJobFeed()
    const work = recordedWork(
      parts,
      request,
      { onBegin: (id) => void id.then(begun.resolve, begun.reject) },
      controller.signal,
    )
    const job: RunningJob = { feed, controller, ended: run(work, { feed, begun, controller }) }
    running.add(job)
    const id = await begun.promise.catch(async (error: unknown) => {
      // What cannot be followed nor cancelled must not go on.
      controller.abort(error)
      await job.ended
      running.delete(job)
      throw error
    })
    byId.set(id, job)
    void job.ended.then(() => {
      running.delete(job)
      byId.delete(id)
    })
    return findJob(await parts.jobs(), id)
  }

  return {
    list: async () => (await (await existing())?.list()) ?? [],
    get: async (id) => (await find(id)).job,
    start,
    async resume(id, options) {
      const { job } = await find(id)
      if (job.kind !== "pull")
        throw new AppError("unsupported", {
          message: `A job of the kind ${job.kind} cannot be resumed.`,
          hint: "Begin it again.",
        })
      // What it fetched is in the library's own folder of unfinished downloads, so a new pull goes on there.
      if (job.state === "failed" || job.state === "cancelled")
        return start({ type: "pull", pull: { ...options, reference: job.subject } })
      return job
    },
    async *events(id, signal) {
      const live = byId.get(id)
      if (live !== undefined) {
        yield* live.feed.follow(signal)
        return
      }
      const { store } = await find(id)
      yield* followStoredJob({ store, clock: parts.clock, id }, signal)
    },
    async cancel(id) {
      const { store, job } = await find(id)
      const live = byId.get(id)
      if (live !== undefined) {
        live.controller.abort(cancelled(job))
        await live.ended
      } else if (job.state === "running") await store.requestCancel(id)
      return findJob(store, id)
    },
    async [Symbol.asyncDispose]() {
      closed = true
      for (const job of running)
        job.controller.abort(new AppError("interrupted", { message: "Fireside was closed." }))
      await Promise.all([...running].map((job) => job.ended))
    },
  }
}

const cancelled = ({ kind, subject }: Job): AppError =>
  new AppError("interrupted", { message: `The ${kind} of ${subject} was cancelled.` })

interface RunOptions {
  readonly feed: JobFeed
  readonly begun: PromiseWithResolvers<string>
  readonly controller: AbortController
}

/** The last event is passed on when the row says how the job ended: who asks then for the job sees the same. */
async function run(
  work: AsyncIterable<JobEvent>,
  { feed, begun, controller: { signal } }: RunOptions,
): Promise<void> {
  let last: JobEvent | undefined
  try {
    for await (const event of work) {
      if (event.type === "finish") last = event
      else feed.push(event)
      // Work that does not look at its signal ends here.
      if (last === undefined) signal.throwIfAborted()
    }
  } catch (error) {
    begun.reject(error)
    last = errorEvent(toErrorBody(error))
  }
  if (last !== undefined) feed.push(last)
  feed.end()
}

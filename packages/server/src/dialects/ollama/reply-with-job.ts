// Long work (pull, create) as Ollama's status lines.
import type { App, Jobs } from "@fireside/app"
import { fromErrorBody, type JobEvent } from "@fireside/protocol"
import type { Exchange, Reply } from "../../route.ts"
import { ignoredHeader } from "../read-fields.ts"
import { frameLines } from "./reply-with-answer.ts"

export interface JobOptions {
  readonly request: Parameters<Jobs["start"]>[0]
  readonly stream: boolean
  readonly ignored: readonly string[]
  /** The line before the first event. */
  readonly first?: string
  /** `sha256:…` of a file that is being downloaded, when its source says it. */
  readonly digestOf?: (file: string) => string | undefined
}

/** The work ends with its reader: who is gone does not want it any more. What a pull has fetched is kept, and the next one goes on with it. */
export async function replyWithJob(exchange: Exchange, options: JobOptions): Promise<Reply> {
  const { stream, ignored } = options
  const headers = ignoredHeader(ignored)
  const { app, signal } = exchange
  const { id } = await app.jobs.start(options.request)
  const job: FollowedJob = { app, id, signal }
  // A client can leave before its first line is read.
  const onAbort = (): void => void cancel(job, exchange)
  signal.addEventListener("abort", onAbort, { once: true })
  if (signal.aborted) onAbort()
  const lines = jobLines(exchange, job, options, () => signal.removeEventListener("abort", onAbort))
  if (stream) return { type: "stream", format: "ndjson", frames: frameLines(exchange, lines), headers }
  for await (const _ of lines);
  return { type: "json", body: { status: "success" }, headers }
}

interface FollowedJob {
  readonly app: App
  readonly id: string
  readonly signal: AbortSignal
}

async function cancel({ app, id }: FollowedJob, { log }: Exchange): Promise<void> {
  try {
    await app.jobs.cancel(id)
  } catch (error) {
    log.warn("a job whose client is gone was not cancelled", { job: id, error })
  }
}

async function* jobLines(
  exchange: Exchange,
  job: FollowedJob,
  { first, digestOf }: JobOptions,
  onEnd: () => void,
): AsyncGenerator<object> {
  let ended = false
  try {
    if (first !== undefined) yield { status: first }
    for await (const event of job.app.jobs.events(job.id, job.signal)) {
      ended = event.type === "finish" || event.type === "error"
      yield* encodeEvent(event, digestOf)
    }
  } finally {
    onEnd()
    if (!ended) await cancel(job, exchange)
  }
}

function* encodeEvent(event: JobEvent, digestOf: JobOptions["digestOf"]): Generator<object> {
  switch (event.type) {
    case "status":
    case "notice":
      yield { status: event.message }
      break
    case "progress": {
      // Clients keep one bar for each digest. Where the source tells none, the file's name does as well.
      const digest = digestOf?.(event.file) ?? event.file
      const shown = digest.startsWith("sha256:")
        ? digest.slice("sha256:".length, "sha256:".length + 12)
        : digest
      // A model that is here already is not pulled but read once more.
      const status = shown.startsWith("verify ") ? shown.replace("verify", "verifying") : `pulling ${shown}`
      yield { status, digest, total: event.totalBytes, completed: event.doneBytes }
      break
    }
    case "finish":
      // The work is done when its last event comes; clients wait for these words.
      yield { status: "verifying sha256 digest" }
      yield { status: "writing manifest" }
      yield { status: "success" }
      break
    case "error":
      throw fromErrorBody(event)
    default:
      event satisfies never
  }
}

// Long work that begins on a request, as a recorded job. `models` reads it as it runs; `jobs` lets it run without a reader.
import type { JobEvent, JobKind } from "@fireside/protocol"
import type { CreateRequest, PullRequest } from "./app.ts"
import { recordJob } from "./jobs.ts"
import type { Parts } from "./parts.ts"

export type WorkRequest =
  | { readonly type: "pull"; readonly pull: PullRequest }
  | { readonly type: "create"; readonly create: CreateRequest }
  | { readonly type: "import"; readonly path: string; readonly name: string }

export interface WorkOptions {
  /** See `RecordOptions.onBegin`. */
  readonly onBegin?: (begun: Promise<string>) => void
}

/** The work only starts when somebody reads its events. */
export async function* recordedWork(
  parts: Parts,
  request: WorkRequest,
  { onBegin }: WorkOptions,
  signal: AbortSignal,
): AsyncIterable<JobEvent> {
  await parts.prepareHome()
  const { jobs, log, clock } = parts
  yield* recordJob(await start(parts, request, signal), {
    ...describe(request),
    store: () => jobs(),
    log,
    now: () => clock.monotonic(),
    ...(onBegin === undefined ? {} : { onBegin }),
  })
}

async function start(
  parts: Parts,
  request: WorkRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<JobEvent>> {
  const library = await parts.library()
  switch (request.type) {
    case "pull": {
      const { reference, ...wished } = request.pull
      const { limitBytesPerSecond } = parts
      const options = { ...(limitBytesPerSecond === undefined ? {} : { limitBytesPerSecond }), ...wished }
      return library.pull(reference, options, signal)
    }
    case "create":
      return library.create(request.create, signal)
    case "import":
      return library.importFile(request.path, request.name, signal)
    default:
      return request satisfies never
  }
}

function describe(request: WorkRequest): { readonly kind: JobKind; readonly subject: string } {
  switch (request.type) {
    case "pull":
      return { kind: request.type, subject: request.pull.reference }
    case "create":
      return { kind: request.type, subject: request.create.name }
    case "import":
      return { kind: request.type, subject: request.name }
    default:
      return request satisfies never
  }
}

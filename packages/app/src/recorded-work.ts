// Long work that begins on a request, as a recorded job. `models` reads it as it runs; `jobs` lets it run without a reader.
import type { PullOffer } from "@fireside/library"
import type { JobEvent, JobKind } from "@fireside/protocol"
import type { ConvertRequest, CreateRequest, PullRequest } from "./app.ts"
import { recordJob } from "./jobs.ts"
import type { Parts } from "./parts.ts"

export type WorkRequest =
  | { readonly type: "pull"; readonly pull: PullRequest }
  | { readonly type: "create"; readonly create: CreateRequest }
  | { readonly type: "convert"; readonly convert: ConvertRequest }
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
      const { reference, onOffer, ...wished } = request.pull
      const { limitBytesPerSecond } = parts
      const options = {
        ...(limitBytesPerSecond === undefined ? {} : { limitBytesPerSecond }),
        ...wished,
        ...(onOffer === undefined ? {} : { onOffer: await advised(parts, onOffer, signal) }),
      }
      return withAdvice(parts, library.pull(reference, options, signal))
    }
    case "create":
      return library.create(request.create, signal)
    case "convert": {
      const { convertModel } = await import("./conversion/convert-model.ts")
      return convertModel(parts, request.convert, signal)
    }
    case "import":
      return withAdvice(parts, library.importFile(request.path, request.name, signal))
    default:
      return request satisfies never
  }
}

/** The machine is measured while the source is asked what it has. */
async function advised(
  parts: Parts,
  onOffer: NonNullable<PullRequest["onOffer"]>,
  signal: AbortSignal,
): Promise<(offer: PullOffer) => Promise<void>> {
  const { adviseOnFiles, findKernelSpeeds } = await import("./kernel-speeds.ts")
  const speeds = findKernelSpeeds(parts, signal).catch((error: unknown) => {
    // A download needs no engine.
    parts.log.debug("the kernels were not measured", { error })
    return undefined
  })
  return async (offer) => {
    const advice = await adviseOnFiles(await speeds, offer)
    await onOffer(advice === undefined ? offer : { ...offer, advice })
  }
}

/** A faster copy is offered with the last event, never made unasked. */
async function* withAdvice(parts: Parts, events: AsyncIterable<JobEvent>): AsyncIterable<JobEvent> {
  for await (const event of events) {
    if (event.type === "finish") {
      const { adviseOn } = await import("./kernel-speeds.ts")
      const library = await parts.library()
      const message = await library.resolve(event.name).then(
        (stored) => adviseOn(parts, stored),
        // What cannot be read is told to whoever uses it.
        () => undefined,
      )
      if (message !== undefined) yield { type: "notice", message }
    }
    yield event
  }
}

function describe(request: WorkRequest): { readonly kind: JobKind; readonly subject: string } {
  switch (request.type) {
    case "pull":
      return { kind: request.type, subject: request.pull.reference }
    case "create":
      return { kind: request.type, subject: request.create.name }
    case "convert":
      return { kind: request.type, subject: request.convert.model }
    case "import":
      return { kind: request.type, subject: request.name }
    default:
      return request satisfies never
  }
}

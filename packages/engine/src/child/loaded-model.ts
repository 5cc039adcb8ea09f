// Everything native of one loaded model, put together: weights, context, threads, samplers, adapters.
import type { LoadPlan } from "@fireside/fit"
import { AppError, type SamplingOptions } from "@fireside/protocol"
import { createBlockWorth } from "./block-worth.ts"
import { checkDeterminism } from "./check-determinism.ts"
import { measureForeignUse } from "./foreign-use.ts"
import type { ChildModelFacts, LoadRequest } from "./messages.ts"
import { type AdapterShelf, createAdapterShelf } from "./native/adapters.ts"
import type { NativeLibrary } from "./native/library.ts"
import { loadModel, type NativeModel } from "./native/model.ts"
import { createCandidateBuffer, createSampler, type TokenSampler } from "./native/sampler.ts"
import { createThreadPool, type ThreadPool } from "./native/threads.ts"
import { canOpenApart, hasPortableStates, openApart, openContext } from "./open-context.ts"
import { openLineFiles } from "./prefix/files/line-files.ts"
import type { LineStore } from "./prefix/parked-lines.ts"
import { Serving, type ServingOptions } from "./serving.ts"
import type { Pace } from "./timed-decode.ts"

/** Room for computed prefixes that no sequence holds, where nobody says how much. */
const PARKED_BYTES = 256 * 2 ** 20

export interface LoadedModel {
  readonly model: NativeModel
  readonly plan: LoadPlan
  readonly pool: ThreadPool | null
  readonly adapters: AdapterShelf
  readonly facts: ChildModelFacts
  /** Null: neither the file nor the user gave one. */
  readonly template: string | null
  readonly controlTexts: () => readonly string[]
  /** Throws `unsupported` for a model that gives no text. The memory is empty afterwards. */
  createServing(options: Pick<ServingOptions, "isCancelled" | "onBatchTick" | "send" | "now">): Serving
  createSampler(options: { sampling: SamplingOptions; seed: number; grammar?: string }): TokenSampler
}

export interface LoadListeners {
  readonly onProgress: (fraction: number) => void
  /** Something was ignored or could not be done, and it does no harm. */
  readonly report: (message: string, details: Readonly<Record<string, string | number>>) => void
}

export function loadEverything(
  library: NativeLibrary,
  request: LoadRequest,
  { onProgress, report }: LoadListeners,
): LoadedModel {
  const startedAt = performance.now()
  const { plan } = request
  const model = loadModel(library, {
    path: request.path,
    useMmap: plan.useMmap,
    gpuLayers: plan.gpuLayers,
    onProgress,
  })
  const pool = createThreadPool(library, plan)
  const parts = { library, model, plan, pool }
  const context = model.canGenerate ? openContext(parts) : null
  if (context !== null && plan.deterministic === true)
    checkDeterminism({ model, context, threads: plan.threads, systemInfo: library.systemInfo })
  const adapters = createAdapterShelf(library, model)
  const pace: Pace = { msPerRow: 0, blockWorth: createBlockWorth() }
  const foreign = measureForeignUse(plan.cpus)
  const files = openFiles({ library, model, request, report })
  const candidates = once(() => createCandidateBuffer(model.vocabularySize))
  const template = request.template ?? model.chatTemplate
  const { infillPrefix, infillSuffix, infillMiddle } = model.tokens
  return {
    model,
    plan,
    pool,
    adapters,
    template,
    controlTexts: once(() =>
      request.controlCandidates
        .filter((token) => token < model.vocabularySize && model.isControl(token))
        .map((token) => Buffer.from(model.piece(token, true)).toString())
        .filter((text) => text !== ""),
    ),
    createServing: (options) => {
      if (context === null)
        throw new AppError("unsupported", {
          message: "This model makes embeddings; it cannot write text.",
          hint: "Use a chat model for text.",
        })
      context.clearMemory()
      return new Serving({
        ...options,
        model,
        context,
        plan,
        parkedBytes: request.cache?.memoryBytes ?? PARKED_BYTES,
        files,
        pace,
        foreign,
        createApart: canOpenApart(parts) ? (cells) => openApart(parts, cells) : null,
      })
    },
    createSampler: (options) =>
      createSampler(library, model, candidates(), { ...options, contextLength: plan.contextLength }),
    facts: {
      vocabularySize: model.vocabularySize,
      embeddingLength: model.embeddingLength,
      trainedContextLength: model.trainedContextLength,
      sizeBytes: model.sizeBytes,
      hasChatTemplate: template !== null,
      canInfill: infillPrefix >= 0 && infillSuffix >= 0 && infillMiddle >= 0,
      canEmbed: plan.embeddings || model.hasPooling,
      loadMs: performance.now() - startedAt,
    },
  }
}

interface FilesOptions extends Pick<LoadListeners, "report"> {
  readonly library: NativeLibrary
  readonly model: NativeModel
  readonly request: LoadRequest
}

function openFiles({ library, model, request, report }: FilesOptions): LineStore | null {
  const { cache, plan } = request
  if (cache === undefined || cache.diskBytes === 0) return null
  const isPortable = hasPortableStates({ model, plan })
  return openLineFiles({
    folder: cache.folder,
    key: {
      model: cache.identity,
      libraryVersion: library.version,
      systemInfo: library.systemInfo,
      kvType: plan.kvType,
      streams: isPortable ? 0 : plan.sharesCells === true ? 1 : plan.streams,
      contextLength: plan.fixedContext === true ? plan.contextLength : 0,
    },
    budgetBytes: cache.diskBytes,
    report,
    now: () => Date.now(),
  })
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

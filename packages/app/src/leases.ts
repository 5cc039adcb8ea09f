// The right to use a loaded model: a lease. What is loaded is lent at once; the rest is loaded, one at a time, and what nobody uses makes
// room for it. The table itself is `loaded-models.ts`.
import type { ForgetWish, Model } from "@fireside/engine"
import type { LoadPlan, LoadWish } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import { AppError, type ContextChoice, QUEUE_LIMITS, type WaitEvent } from "@fireside/protocol"
import type { Activity } from "./app.ts"
import { createLoadedModels, isSameModel, type Loaded } from "./loaded-models.ts"
import { createLoads, type Loading } from "./loads.ts"
import type { Parts } from "./parts.ts"
import { createBell, createPatience, interrupted, type Patience } from "./patience.ts"

/** `look`: tokenise, render. Every loaded copy of the model serves it, whatever its plan. */
export type LeaseUse = "generate" | "embed" | "look"

export interface LeaseRequest {
  /** What the user calls it. */
  readonly reference: string
  /** Undefined for the echo engine's own model. */
  readonly stored: StoredModel | undefined
  readonly use: LeaseUse
  readonly wish: LoadWish
  /** Negative is for ever, 0 unloads when the lease is given back. */
  readonly keepAliveMs: number
  readonly onLoad?: (name: string) => void
  readonly onWait?: (event: WaitEvent) => void
}

export interface Lease extends AsyncDisposable {
  readonly model: Model
  /** Undefined for the echo engine's own model, which has no file. */
  readonly stored: StoredModel | undefined
  readonly plan: LoadPlan
  /** Tokens of context that the request may use: what it wished for, where the model was loaded with more. */
  readonly contextLength: number
  /** What loading took for this request; 0 when the model was there. */
  readonly loadMs: number
  /** What the plan has to tell the user. */
  readonly notices: readonly string[]
}

export interface LeasesOptions {
  /** Requests that wait for their turn with a model; `ps` shows it. */
  readonly queuedOf: (path: string) => number
}

export interface Leases extends AsyncDisposable {
  /**
   * Throws what loading throws; `memory-refused` at once for what would not fit on the empty machine. While models in use hold the memory
   * it waits, and throws `overloaded` after `QUEUE_LIMITS.waitMs`.
   */
  acquire(request: LeaseRequest, signal: AbortSignal): Promise<Lease>
  /** Unloads every model of this process whose file is `path`, also in the middle of an answer. */
  unload(path: string): Promise<number>
  /** Removes computed prefixes from loaded models; of all, or of those whose file is `path`. */
  forget(wish: ForgetWish, path?: string): void
  /** With how much context a model could be loaded if all others made room. */
  contexts(stored: StoredModel | undefined): Promise<readonly ContextChoice[]>
  /** Resolves when no model is being unloaded: one that is may still write what it knows. */
  settled(): Promise<void>
  models(): Activity["models"]
  /** Resolves when other processes, and `ps`, see what is so now. */
  publish(): Promise<void>
  /** Streams of all loaded models. */
  streams(): number
  /** Streams that the loaded model was planned with; undefined: it is not loaded. */
  streamsOf(path: string): number | undefined
}

/** After so long without memory, other requests do not get leases any more until this one has its own. */
const FAIR_WAIT_MS = 15_000

export function createLeases(parts: Parts, { queuedOf }: LeasesOptions): Leases {
  const room = createBell()
  const loaded = createLoadedModels({ parts, queuedOf, onRoom: () => room.ring() })
  const loads = createLoads({ parts, loaded })
  /** Of the request that waited too long for memory: the others let it go first. */
  let urgent: Promise<void> | undefined
  let isClosed = false

  function find(request: LeaseRequest): Loaded | undefined {
    const same = [...loaded.entries].filter((entry) => isSameModel(entry, request.stored))
    return same.find((entry) => matches(entry, request)) ?? (request.use === "look" ? same[0] : undefined)
  }

  function lend(entry: Loaded, request: LeaseRequest, loadMs: number): Lease {
    const giveBack = loaded.lend(entry, request)
    const notices = entry.isTold || request.use === "look" ? [] : entry.notices
    if (request.use !== "look") entry.isTold = true
    const { model, plan } = entry
    const contextLength = Math.min(request.wish.contextLength ?? plan.contextLength, plan.contextLength)
    const { stored } = request
    return { model, stored, plan, contextLength, loadMs, notices, [Symbol.asyncDispose]: giveBack }
  }

  /** What has to wait: until the model is there. */
  async function wait(request: LeaseRequest, patience: Patience, signal: AbortSignal): Promise<Loaded> {
    const mine = Promise.withResolvers<void>()
    let timer: { cancel(): void } | undefined
    try {
      for (;;) {
        if (isClosed) throw closed()
        if (signal.aborted) throw interrupted()
        if (urgent !== undefined && urgent !== mine.promise) {
          await patience.for(urgent)
          continue
        }
        const usable = find(request)
        if (usable !== undefined) return usable
        const { current } = loads
        if (current !== undefined && !isJoinable(current, request)) {
          await patience.for(current.ended)
          continue
        }
        const { rings } = room
        const outcome = await (current ?? loads.begin(request)).join(request, patience)
        if (outcome === "loaded" || rings !== room.rings) continue
        timer ??= parts.clock.setTimer(FAIR_WAIT_MS, () => {
          urgent ??= mine.promise
        })
        await patience.for(room.next())
      }
    } finally {
      timer?.cancel()
      if (urgent === mine.promise) urgent = undefined
      mine.resolve()
    }
  }

  return {
    async acquire(request, signal) {
      if (isClosed) throw closed()
      if (signal.aborted) throw interrupted()
      const usable = urgent === undefined ? find(request) : undefined
      if (usable !== undefined) return lend(usable, request, 0)
      const startedAt = parts.clock.monotonic()
      const { clock } = parts
      const name = request.stored?.summary.name ?? request.reference
      using patience = createPatience(
        { clock, limitMs: QUEUE_LIMITS.waitMs, onLate: () => noMemoryInTime(name) },
        signal,
      )
      const entry = await wait(request, patience, signal)
      return lend(entry, request, clock.monotonic() - startedAt)
    },
    async unload(path) {
      const entries = [...loaded.entries].filter((entry) => entry.path === path)
      await loaded.closeAll(entries)
      return entries.length
    },
    publish: () => loaded.publishAll(),
    streams: () => [...loaded.entries].reduce((sum, entry) => sum + entry.plan.streams, 0),
    models: () =>
      [...loaded.entries].map((entry) => ({
        name: entry.model.facts.name,
        streams: entry.users,
        queued: entry.model.activity().queued + queuedOf(entry.path),
        memoryBytes: entry.plan.memory.totalBytes,
      })),
    forget(wish, path) {
      for (const { model, path: file } of loaded.entries)
        if (path === undefined || path === file) model.forget?.(wish)
    },
    async contexts(stored) {
      const { contextChoices } = await import("./context-choices.ts")
      return contextChoices({ parts, stored, loaded: loaded.entries })
    },
    settled: () => loaded.settled(),
    streamsOf(path) {
      const streams = [...loaded.entries].filter((it) => it.path === path).map((it) => it.plan.streams)
      return streams.length === 0 ? undefined : Math.max(...streams)
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      room.ring()
      await loads[Symbol.asyncDispose]()
      await loaded.closeAll([...loaded.entries])
      await loaded.settled()
    },
  }
}

/** Does a plan give what is asked for? More context and more streams do no harm. */
function matches(one: LoadedFor, request: LeaseRequest): boolean {
  const { plan } = one
  const { wish, use } = request
  return (
    hasContext(one, request) &&
    (wish.streams === undefined || wish.streams <= plan.streams) &&
    (wish.kvType === undefined || wish.kvType === plan.kvType || wantsDeterministic(wish)) &&
    isAsDeterministic(one, request) &&
    (wish.sharesCells === undefined ||
      wish.sharesCells === (plan.sharesCells ?? false) ||
      wantsDeterministic(wish)) &&
    (wish.threads === undefined || wish.threads === plan.threads) &&
    (wish.gpuLayers === undefined || wish.gpuLayers === plan.gpuLayers) &&
    (wish.useMmap === undefined || wish.useMmap === plan.useMmap) &&
    // A plan for embeddings has a context for texts, which is short for a chat.
    (use === "look" || (wish.embeddings ?? false) === plan.embeddings)
  )
}

/** The mode chooses the cache type and whether cells are shared, whatever was wished. */
function wantsDeterministic(wish: LeaseRequest["wish"]): boolean {
  return wish.deterministic === true && wish.embeddings !== true
}

/** A plan for embeddings is neither. */
function isAsDeterministic({ plan }: LoadedFor, { wish }: LeaseRequest): boolean {
  if (wish.deterministic === undefined || wish.embeddings === true) return true
  return wish.deterministic === (plan.deterministic ?? false)
}

type LoadedFor = Pick<Loaded, "plan" | "wish">

/** Who wishes for no length gets what there is room for, and not the short context that another request asked for. */
function hasContext({ plan, wish: loadedFor }: LoadedFor, { wish, stored }: LeaseRequest): boolean {
  if (wish.contextLength !== undefined) return wish.contextLength <= plan.contextLength
  return (loadedFor.contextLength ?? Infinity) >= (stored?.summary.contextLength ?? Infinity)
}

/** Will what is being loaded do? */
function isJoinable(loading: Loading, request: LeaseRequest): boolean {
  if (loading.isAbandoned || !isSameModel(loading, request.stored)) return false
  const { plan, wish } = loading
  return plan === undefined
    ? JSON.stringify(wish) === JSON.stringify(request.wish)
    : matches({ plan, wish }, request)
}

function closed(): Error {
  return new Error("the app is closed")
}

function noMemoryInTime(name: string): AppError {
  return new AppError("overloaded", {
    message: `${name} waited ${QUEUE_LIMITS.waitMs / 1_000} s for memory that models in use hold.`,
    hint: "Try again later, or unload another model with: fireside stop",
    details: { retryAfterSeconds: 60 },
  })
}

/** The stored model of a reference; undefined for the model that the echo engine brings itself. */
export async function resolveModel(parts: Parts, reference: string): Promise<StoredModel | undefined> {
  if (parts.engineName === "echo" && reference === "echo") return undefined
  const stored = await (await parts.library()).resolve(reference)
  if (stored.summary.problem === undefined) return stored
  throw new AppError("bad-model-file", {
    message: `${stored.summary.name} cannot be used: ${stored.summary.problem}`,
    hint: `Get it again with: fireside pull ${stored.summary.name}`,
  })
}

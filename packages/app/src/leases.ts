// The models that this process has loaded, and the right to use one: a lease. The last lease given back starts the keep-alive clock.
import type { Model, ModelFile } from "@fireside/engine"
import type { LoadPlan, LoadWish } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import { AppError } from "@fireside/protocol"
import type { Activity } from "./app.ts"
import type { Registration } from "./model-registry.ts"
import type { Parts } from "./parts.ts"
import { planModel } from "./plan-model.ts"

export interface LeaseRequest {
  readonly reference: string
  /** What is asked for in this request; the model's own wishes and then the settings fill the rest. */
  readonly wish: LoadWish
  /** Negative is for ever, 0 unloads when the lease is given back. */
  readonly keepAliveMs: number
  readonly onLoad?: (name: string) => void
}

export interface Lease extends AsyncDisposable {
  readonly model: Model
  /** Undefined for the echo engine's own model, which has no file. */
  readonly stored: StoredModel | undefined
  readonly plan: LoadPlan
  /** What loading took for this request; 0 when the model was there. */
  readonly loadMs: number
  /** What the plan has to tell the user. */
  readonly notices: readonly string[]
}

export interface Leases extends AsyncDisposable {
  acquire(request: LeaseRequest, signal: AbortSignal): Promise<Lease>
  /** Unloads every model of this process whose file is `path`. */
  unload(path: string): Promise<number>
  activity(): Activity
}

interface Loaded {
  readonly path: string
  readonly stored: StoredModel | undefined
  readonly model: Model
  readonly plan: LoadPlan
  readonly notices: readonly string[]
  registration: Promise<Registration | undefined>
  users: number
  cancelTimer: () => void
  closing: Promise<void> | undefined
}

const matches = (plan: LoadPlan, wish: LoadWish): boolean =>
  (wish.contextLength === undefined || wish.contextLength === plan.contextLength) &&
  (wish.streams === undefined || wish.streams <= plan.streams) &&
  (wish.kvType === undefined || wish.kvType === plan.kvType) &&
  (wish.threads === undefined || wish.threads === plan.threads) &&
  (wish.gpuLayers === undefined || wish.gpuLayers === plan.gpuLayers) &&
  (wish.useMmap === undefined || wish.useMmap === plan.useMmap) &&
  (wish.embeddings !== true || plan.embeddings)

export function createLeases(parts: Parts): Leases {
  const loaded = new Set<Loaded>()
  let turn: Promise<unknown> = Promise.resolve()
  let disposed = false

  /** Closes in the order: out of the table, engine ended, entry in `run/` gone. */
  function close(entry: Loaded): Promise<void> {
    loaded.delete(entry)
    entry.cancelTimer()
    entry.closing ??= (async () => {
      try {
        await entry.model[Symbol.asyncDispose]()
      } finally {
        await (await entry.registration)?.[Symbol.asyncDispose]()
      }
    })()
    return entry.closing
  }

  const closeAll = async (entries: Iterable<Loaded>): Promise<void> => {
    const failures = (await Promise.allSettled([...entries].map(close))).filter(
      (it) => it.status === "rejected",
    )
    for (const failure of failures)
      parts.log.warn("a model did not close", { reason: String(failure.reason) })
  }

  const closeIdle = (): Promise<void> => closeAll([...loaded].filter((entry) => entry.users === 0))

  /** `ps` of other processes reads these; a failed write is not worth an answer. */
  function publish(entry: Loaded, keepAliveMs: number): void {
    const expiresAt = keepAliveMs < 0 ? null : new Date(parts.clock.now() + keepAliveMs).toISOString()
    const { queued } = entry.model.activity()
    const change = { expiresAt, pid: entry.model.facts.pid, streams: entry.users, queued }
    entry.registration = entry.registration.then(async (registration) => {
      await registration?.update(change).catch((reason: unknown) => {
        parts.log.warn("the entry of a loaded model was not written", { reason: String(reason) })
      })
      return registration
    })
  }

  /** With the settings of the model that was asked for: others may share its file, and have been loaded first. */
  function lend(
    entry: Loaded,
    request: LeaseRequest,
    { stored, loadMs }: { readonly stored: StoredModel | undefined; readonly loadMs: number },
  ): Lease {
    entry.cancelTimer()
    entry.users += 1
    publish(entry, request.keepAliveMs)
    let given = true
    const giveBack = async (): Promise<void> => {
      if (!given) return
      given = false
      entry.users -= 1
      if (entry.closing !== undefined) return entry.closing
      publish(entry, request.keepAliveMs)
      if (entry.users > 0 || request.keepAliveMs < 0) return
      if (request.keepAliveMs === 0) return close(entry)
      entry.cancelTimer = parts.clock.setTimer(request.keepAliveMs, () => void closeAll([entry])).cancel
    }
    const { model, plan, notices } = entry
    return {
      model,
      stored,
      plan,
      loadMs,
      notices: loadMs > 0 ? notices : [],
      [Symbol.asyncDispose]: giveBack,
    }
  }

  async function register(entry: Loaded): Promise<Registration | undefined> {
    const { facts } = entry.model
    try {
      const registry = await parts.registry()
      return await registry.register(
        {
          name: facts.name,
          digest: entry.stored?.summary.digest ?? "",
          sizeBytes: facts.sizeBytes,
          processor: facts.processor,
          contextLength: facts.contextLength,
          expiresAt: null,
          pid: facts.pid,
          streams: 0,
          queued: 0,
          path: entry.path,
        },
        () => void closeAll([entry]),
      )
    } catch (reason) {
      parts.log.warn("the loaded model is not listed for other processes", { reason: String(reason) })
      return undefined
    }
  }

  async function load(
    request: LeaseRequest,
    stored: StoredModel | undefined,
    signal: AbortSignal,
  ): Promise<Loaded> {
    const name = stored?.summary.name ?? request.reference
    const [engine, { plan, notices }] = await Promise.all([
      parts.engine(),
      planModel({ parts, stored, wish: request.wish, makeRoom: closeIdle }),
    ])
    request.onLoad?.(name)
    const file: ModelFile = {
      name,
      path: stored?.path ?? "",
      ...(stored === undefined ? {} : { header: stored.header }),
      ...(stored?.template === undefined ? {} : { template: stored.template }),
    }
    const model = await engine.load(file, plan, signal)
    const entry: Loaded = {
      path: file.path,
      stored,
      model,
      plan,
      notices: [...notices, ...(model.notices ?? [])],
      registration: Promise.resolve(undefined),
      users: 0,
      cancelTimer: () => {},
      closing: undefined,
    }
    entry.registration = register(entry)
    loaded.add(entry)
    return entry
  }

  async function findOrLoad(asked: LeaseRequest, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted()
    const stored = await resolveModel(parts, asked.reference)
    const request = { ...asked, wish: { ...parts.wish, ...ownWish(stored), ...asked.wish } }
    const path = stored?.path ?? ""
    const same = [...loaded].filter(
      (entry) => entry.path === path && entry.stored?.template === stored?.template,
    )
    const usable = same.find((entry) => matches(entry.plan, request.wish))
    if (usable !== undefined) return lend(usable, request, { stored, loadMs: 0 })
    await closeAll(same.filter((entry) => entry.users === 0))
    const startedAt = parts.clock.monotonic()
    const entry = await load(request, stored, signal)
    const loadMs = Math.max(parts.clock.monotonic() - startedAt, Number.EPSILON)
    return lend(entry, request, { stored, loadMs })
  }

  return {
    acquire(request, signal) {
      if (disposed) throw new Error("the app is closed")
      // One at a time: two requests for the same model must not load it twice, and plans count what is loaded.
      const mine = turn.then(() => findOrLoad(request, signal))
      turn = mine.then(
        () => undefined,
        () => undefined,
      )
      return mine
    },
    async unload(path) {
      const entries = [...loaded].filter((entry) => entry.path === path)
      await closeAll(entries)
      return entries.length
    },
    activity() {
      const models = [...loaded].map((entry) => ({
        name: entry.model.facts.name,
        streams: entry.users,
        memoryBytes: entry.plan.memory.totalBytes,
      }))
      return { running: models.reduce((sum, it) => sum + it.streams, 0), waiting: 0, models }
    },
    async [Symbol.asyncDispose]() {
      disposed = true
      await turn
      await closeAll([...loaded])
    },
  }
}

/** What a model wishes of its load: at most what its file has, because nobody asked for it now. */
function ownWish(stored: StoredModel | undefined): LoadWish {
  if (stored?.contextLength === undefined) return {}
  const most = stored.summary.contextLength
  return { contextLength: most > 0 ? Math.min(stored.contextLength, most) : stored.contextLength }
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

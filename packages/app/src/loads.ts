// One load at a time: plan, make room, load. Several requests share it; when all of them are gone it stops.
import type { ModelFile } from "@fireside/engine"
import type { LoadPlan, LoadWish } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import type { LeaseRequest } from "./leases.ts"
import { isSameModel, type Loaded, type LoadedModels } from "./loaded-models.ts"
import type { Parts } from "./parts.ts"
import { interrupted, type Patience } from "./patience.ts"
import { type FittingPlan, planModel } from "./plan-model.ts"
import { prefixCacheFor } from "./prefixes/prefix-cache-for.ts"

/** `no-room`: models in use hold the memory. */
export type LoadOutcome = "loaded" | "no-room"

export interface Loading {
  readonly path: string
  readonly stored: StoredModel | undefined
  readonly wish: LoadWish
  /** Undefined until it is known. */
  readonly plan: LoadPlan | undefined
  /** Nobody waits for it any more: it is being stopped. */
  readonly isAbandoned: boolean
  /** Resolves when it is over, however it went. */
  readonly ended: Promise<void>
  /** Waits for the outcome, and hears how it goes. Throws what loading throws. */
  join(request: LeaseRequest, patience: Patience): Promise<LoadOutcome>
}

export interface Loads extends AsyncDisposable {
  readonly current: Loading | undefined
  /** Only when there is none. */
  begin(request: LeaseRequest): Loading
}

export interface LoadsOptions {
  readonly parts: Parts
  readonly loaded: LoadedModels
}

export function createLoads({ parts, loaded }: LoadsOptions): Loads {
  let current: (Loading & { abandon(): void }) | undefined

  /** The plan, when there is room for it; idle models go for it, the one used longest ago first. */
  async function findRoom(request: LeaseRequest): Promise<FittingPlan | undefined> {
    const { stored, wish } = request
    const leaving = new Set(replaced(loaded.entries, request))
    if (leaving.size > 0) {
      // What could never be loaded is refused before anything goes for it.
      const staying = [...loaded.entries].filter((entry) => !leaving.has(entry))
      await planModel({ parts, stored, wish, loaded: staying })
      await loaded.closeAll(leaving)
    }
    for (;;) {
      await loaded.settled()
      const made = await planModel({ parts, stored, wish, loaded: loaded.entries })
      if (made.type === "fits") return made
      const [oldest] = [...loaded.entries]
        .filter((entry) => entry.users === 0)
        .sort((left, right) => left.usedAt - right.usedAt)
      if (oldest === undefined) return made.shorter
      await loaded.closeAll([oldest])
    }
  }

  function begin(request: LeaseRequest): Loading {
    const { stored, wish } = request
    const name = stored?.summary.name ?? request.reference
    const path = stored?.path ?? ""
    const stop = new AbortController()
    const listeners = new Set<LeaseRequest>()
    let plan: LoadPlan | undefined
    let fraction = 0
    const tell = (listener: LeaseRequest): void => {
      try {
        listener.onWait?.({ type: "load-progress", model: name, fraction })
      } catch (error) {
        // The others wait for the same load.
        parts.log.warn("a listener of a load failed", { error })
      }
    }
    const progress = (next: number): void => {
      if (next <= fraction) return
      fraction = Math.min(next, 1)
      for (const listener of listeners) tell(listener)
    }

    const run = async (): Promise<LoadOutcome> => {
      const [engine, found, cache] = await Promise.all([
        parts.engine(),
        findRoom(request),
        stored === undefined ? undefined : prefixCacheFor(parts, stored),
      ])
      stop.signal.throwIfAborted()
      if (found === undefined) return "no-room"
      plan = found.plan
      for (const listener of listeners) {
        listener.onLoad?.(name)
        tell(listener)
      }
      const file: ModelFile = {
        name,
        path,
        ...(stored === undefined ? {} : { header: stored.header }),
        ...(stored?.template === undefined ? {} : { template: stored.template }),
        ...(cache === undefined ? {} : { cache }),
        // The end is told when the model can be used.
        onProgress: (done) => done < 1 && progress(done),
      }
      const model = await engine.load(file, found.plan, stop.signal)
      if (stop.signal.aborted) {
        await model[Symbol.asyncDispose]()
        throw interrupted()
      }
      const notices = [...found.notices, ...(model.notices ?? [])]
      const entry = loaded.add({ path, stored, model, plan: found.plan, wish, notices }, request)
      void measure(parts, entry, found.availableBytes)
      progress(1)
      return "loaded"
    }

    const outcome = run().finally(() => {
      current = undefined
    })
    const loading = {
      path,
      stored,
      wish,
      get plan() {
        return plan
      },
      get isAbandoned() {
        return stop.signal.aborted
      },
      ended: outcome.then(
        () => {},
        () => {},
      ),
      async join(listener: LeaseRequest, patience: Patience): Promise<LoadOutcome> {
        listeners.add(listener)
        try {
          if (plan !== undefined) {
            listener.onLoad?.(name)
            tell(listener)
          }
          return await patience.for(outcome)
        } finally {
          listeners.delete(listener)
          if (listeners.size === 0 && current === loading) stop.abort()
        }
      },
      abandon: () => stop.abort(),
    }
    current = loading
    return loading
  }

  return {
    get current() {
      return current
    },
    begin,
    async [Symbol.asyncDispose]() {
      const last = current
      last?.abandon()
      await last?.ended
    },
  }
}

/** Idle copies that the new one takes the place of: the same model for the same use. One for embeddings may stay beside one for chats. */
function replaced(entries: Iterable<Loaded>, { stored, wish }: LeaseRequest): readonly Loaded[] {
  return [...entries].filter(
    (entry) =>
      entry.users === 0 && isSameModel(entry, stored) && entry.plan.embeddings === (wish.embeddings ?? false),
  )
}

/** What the system saw go is not promised any more, but taken. Nobody waits for the answer: until it is there all of it counts as promised. */
async function measure(parts: Parts, entry: Loaded, beforeBytes: number): Promise<void> {
  if (entry.plan.memory.totalBytes === 0) return
  try {
    const { availableMemoryBytes } = await parts.hardware()
    const takenBytes = Math.max(0, beforeBytes - availableMemoryBytes)
    entry.unseenBytes = Math.max(0, entry.plan.memory.totalBytes - takenBytes)
  } catch (error) {
    parts.log.debug("the memory was not read", { error })
  }
}

// The table of models that this process has loaded: who uses them, when they go, and their entries in `run/` for other processes.
// What is loaded when is `leases.ts`.
import type { Model } from "@fireside/engine"
import type { LoadPlan, LoadWish } from "@fireside/fit"
import type { ClockTimer } from "@fireside/host"
import type { StoredModel } from "@fireside/library"
import type { Registration } from "./model-registry.ts"
import type { Parts } from "./parts.ts"

export interface Loaded {
  readonly path: string
  readonly stored: StoredModel | undefined
  readonly model: Model
  readonly plan: LoadPlan
  /** What it was loaded for: a short context may be what one request asked for, and not what the machine has room for. */
  readonly wish: LoadWish
  readonly notices: readonly string[]
  /** The notices reached somebody. */
  isTold: boolean
  /** Of the plan's memory, what the system still calls available: weights that are mapped, and buffers that nobody touched yet. */
  unseenBytes: number
  users: number
  /** Order of the last use among all models. */
  usedAt: number
}

interface Entry extends Loaded {
  registration: Promise<Registration | undefined>
  cancelTimer: () => void
  closing: Promise<void> | undefined
  /** The engine's process ended by itself. */
  isDown: boolean
  /** Of the last use. */
  keepAliveMs: number
  /** When the entry in `run/` was written, monotonic. */
  publishedAt: number
  /** A write that waits. */
  publishing: ClockTimer | undefined
}

export interface LoadedModelsOptions {
  readonly parts: Parts
  /** Requests that wait for a model. */
  readonly queuedOf: (path: string) => number
  /** Memory came back, or could be taken back now: a model is idle or closed. */
  readonly onRoom: () => void
}

export interface LoadedModels {
  readonly entries: ReadonlySet<Loaded>
  /** Idle until it is lent; the keep-alive clock runs. */
  add(
    loaded: Pick<Loaded, "path" | "stored" | "model" | "plan" | "wish" | "notices">,
    options: { readonly keepAliveMs: number },
  ): Loaded
  /** Returns how to give it back; a second call does nothing. */
  lend(loaded: Loaded, options: { readonly keepAliveMs: number }): () => Promise<void>
  /** Unloads, in use or not. A model that does not close is logged. */
  closeAll(entries: Iterable<Loaded>): Promise<void>
  /** Resolves when the entries in `run/` say what is so now. */
  publishAll(): Promise<void>
  /** Resolves when every model that is being closed is closed. */
  settled(): Promise<void>
}

/** A model that was just loaded is wanted by somebody, also when it is not to stay. */
const SHORTEST_STAY_MS = 1_000
const PUBLISH_EVERY_MS = 500

export function createLoadedModels({ parts, queuedOf, onRoom }: LoadedModelsOptions): LoadedModels {
  const entries = new Set<Entry>()
  const closing = new Set<Promise<void>>()
  let uses = 0

  /** Closes in the order: out of the table, engine ended, entry in `run/` gone. */
  function close(entry: Entry): Promise<void> {
    entries.delete(entry)
    entry.cancelTimer()
    entry.publishing?.cancel()
    if (entry.closing !== undefined) return entry.closing
    const work = (async () => {
      try {
        await entry.model[Symbol.asyncDispose]()
      } finally {
        await (await entry.registration)?.[Symbol.asyncDispose]()
      }
    })()
    entry.closing = work
    const settled = work
      .catch((reason: unknown) => parts.log.warn("a model did not close", { reason: String(reason) }))
      .then(() => {
        closing.delete(settled)
        onRoom()
      })
    closing.add(settled)
    return work
  }

  /** Entries come from this table only, so they have what `Entry` adds. */
  const closeAll = async (list: Iterable<Loaded>): Promise<void> => {
    await Promise.allSettled([...list].map((entry) => close(entry as Entry)))
  }

  function closeLater(entry: Entry, keepAliveMs: number): void {
    entry.cancelTimer()
    entry.cancelTimer = parts.clock.setTimer(keepAliveMs, () => void closeAll([entry])).cancel
  }

  /**
   * `ps` reads these, in this process and others; a failed write is not worth an answer. A busy model changes with every request: its entry is
   * written at once when it was quiet, then at most every `PUBLISH_EVERY_MS`.
   */
  function publish(entry: Entry, keepAliveMs: number): void {
    entry.keepAliveMs = keepAliveMs
    if (entry.publishing !== undefined) return
    const sinceMs = parts.clock.monotonic() - entry.publishedAt
    if (sinceMs >= PUBLISH_EVERY_MS) write(entry)
    else entry.publishing = parts.clock.setTimer(PUBLISH_EVERY_MS - sinceMs, () => write(entry))
  }

  function write(entry: Entry): void {
    entry.publishing = undefined
    if (entry.closing !== undefined) return
    entry.publishedAt = parts.clock.monotonic()
    const { keepAliveMs } = entry
    const expiresAt = staysForEver(keepAliveMs)
      ? null
      : new Date(parts.clock.now() + keepAliveMs).toISOString()
    const queued = entry.model.activity().queued + queuedOf(entry.path)
    const change = {
      expiresAt,
      pid: entry.model.facts.pid,
      streams: entry.users,
      queued,
      isDown: entry.isDown,
    }
    entry.registration = entry.registration.then(async (registration) => {
      await registration?.update(change).catch((reason: unknown) => {
        parts.log.warn("the entry of a loaded model was not written", { reason: String(reason) })
      })
      return registration
    })
  }

  async function register(entry: Entry): Promise<Registration | undefined> {
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
          isDown: entry.isDown,
        },
        () => void closeAll([entry]),
      )
    } catch (reason) {
      parts.log.warn("the loaded model is not listed for other processes", { reason: String(reason) })
      return undefined
    }
  }

  return {
    entries,
    add(loaded, { keepAliveMs }) {
      uses += 1
      const entry: Entry = {
        ...loaded,
        isTold: false,
        unseenBytes: loaded.plan.memory.totalBytes,
        users: 0,
        usedAt: uses,
        registration: Promise.resolve(undefined),
        cancelTimer: () => {},
        closing: undefined,
        isDown: false,
        keepAliveMs,
        publishedAt: Number.NEGATIVE_INFINITY,
        publishing: undefined,
      }
      entry.registration = register(entry)
      entries.add(entry)
      loaded.model.onProcess?.((isAlive) => {
        entry.isDown = !isAlive
        publish(entry, entry.keepAliveMs)
      })
      if (!staysForEver(keepAliveMs)) closeLater(entry, Math.max(keepAliveMs, SHORTEST_STAY_MS))
      return entry
    },
    lend(loaded, { keepAliveMs }) {
      const entry = loaded as Entry
      entry.cancelTimer()
      entry.users += 1
      publish(entry, keepAliveMs)
      let isGivenBack = false
      return async () => {
        if (isGivenBack) return
        isGivenBack = true
        entry.users -= 1
        uses += 1
        entry.usedAt = uses
        if (entry.closing !== undefined) return entry.closing
        publish(entry, keepAliveMs)
        if (entry.users > 0) return
        if (keepAliveMs === 0) return close(entry)
        if (!staysForEver(keepAliveMs)) closeLater(entry, keepAliveMs)
        onRoom()
      }
    },
    closeAll,
    async publishAll() {
      for (const entry of entries) {
        if (entry.publishing === undefined) continue
        entry.publishing.cancel()
        write(entry)
      }
      await Promise.all([...entries].map((entry) => entry.registration))
    },
    async settled() {
      await Promise.all(closing)
    },
  }
}

/** Node's timers hold no more, some 25 days: what is to stay longer would go after a millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

function staysForEver(keepAliveMs: number): boolean {
  return keepAliveMs < 0 || keepAliveMs > LONGEST_TIMER_MS
}

/** The same weights read by the same template. */
export function isSameModel(
  one: { readonly path: string; readonly stored: StoredModel | undefined },
  stored: StoredModel | undefined,
): boolean {
  return one.path === (stored?.path ?? "") && one.stored?.template === stored?.template
}

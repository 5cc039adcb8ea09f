// Removing models and taking that back. What can be had back goes for good when its day is over, with what was computed for it: a timer while
// this process lives, and a look when a server starts.
import type { Library, StoredModel } from "@fireside/library"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import type { Models } from "./app.ts"
import type { Leases } from "./leases.ts"
import type { Parts } from "./parts.ts"

export interface RemovalsOptions {
  readonly parts: Parts
  readonly leases: Pick<Leases, "unload">
  /** Removes what was computed for weights that are not there any more. */
  readonly forgetGone: () => Promise<void>
}

export interface Removals extends Pick<Models, "remove" | "removed" | "restore" | "sweep">, Disposable {}

export function createRemovals({ parts, leases, forgetGone }: RemovalsOptions): Removals {
  let timer: { cancel(): void } | undefined
  let isClosed = false

  function sweepIn(delayMs: number): void {
    timer?.cancel()
    timer = undefined
    if (isClosed) return
    timer = parts.clock.setTimer(delayMs, () => {
      void sweep().catch((error: unknown) =>
        parts.log.warn("models that were removed a day ago are still there", { error }),
      )
    })
  }

  async function sweep(): Promise<void> {
    const library = await parts.library()
    if ((await library.sweep()) > 0) await forgetGone()
    const oldest = (await library.removed()).at(-1)
    if (oldest === undefined) return
    const leftMs = Date.parse(oldest.restorableUntil) - parts.clock.now()
    sweepIn(Math.min(Math.max(leftMs, SOONEST_MS), DOWNLOAD_LIMITS.removedModelMaxAgeMs))
  }

  return {
    async remove(reference, options = {}) {
      const library = await parts.library()
      const stored = await resolveUsable(library, reference)
      // What is damaged cannot be loaded, and removing it is how its user gets rid of it.
      if (stored !== undefined) await unload(stored, { parts, leases })
      const removal = await library.remove(reference, options)
      await forgetGone()
      if (removal.held !== undefined) await sweep()
      return removal
    },
    async removed() {
      return (await parts.library()).removed()
    },
    async restore(name) {
      return (await parts.library()).restore(name)
    },
    sweep,
    [Symbol.dispose]() {
      isClosed = true
      timer?.cancel()
    },
  }
}

/** A clock that was set back must not make a loop. */
const SOONEST_MS = 60_000

async function unload(
  { path, summary }: StoredModel,
  { parts, leases }: Pick<RemovalsOptions, "parts" | "leases">,
): Promise<void> {
  await leases.unload(path)
  const user = (await (await parts.registry()).list()).find((entry) => entry.path === path)
  if (user === undefined) return
  throw new AppError("model-in-use", {
    message: `${summary.name} is loaded by process ${user.ownerPid}.`,
    hint: `Unload it first with: fireside stop ${summary.name}`,
    details: { pid: user.ownerPid },
  })
}

const UNUSABLE: readonly string[] = ["corrupt-data", "bad-model-file", "model-not-found"]

/** Undefined for a model whose manifest or file is damaged, and for one that is not there: what is left of it may be. */
export async function resolveUsable(library: Library, reference: string): Promise<StoredModel | undefined> {
  try {
    return await library.resolve(reference)
  } catch (error) {
    if (error instanceof AppError && UNUSABLE.includes(error.code)) return undefined
    throw error
  }
}

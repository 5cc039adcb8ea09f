// Computed prefixes over the files on disk and the models that are loaded.
import { readdir } from "node:fs/promises"
import { basename } from "node:path"
import type { ForgetWish, PrefixFile } from "@fireside/engine"
import { AppError, type PinnedPrefix } from "@fireside/protocol"
import type { App } from "../app.ts"
import type { Lease, Leases } from "../leases.ts"
import type { Parts } from "../parts.ts"
import { identityOf, isFile, prefixCacheFor } from "./prefix-cache-for.ts"
import type { Prefixes } from "./prefixes.ts"
import { temporaryLabel } from "./temporary-label.ts"

export interface PrefixesParts {
  readonly parts: Parts
  readonly leases: Pick<Leases, "forget" | "settled">
  readonly lease: (model: string, signal: AbortSignal) => Promise<Lease>
  readonly models: Pick<App["models"], "list">
}

/** Labels of conversations are their ids, which have no colon. */
const PIN = "pin:"

export function createPrefixes({ parts, leases, lease, models }: PrefixesParts): Prefixes {
  const folder = parts.paths.prefixes

  async function files(wish?: ForgetWish): Promise<readonly PrefixFile[]> {
    const { listPrefixFiles } = await import("@fireside/engine")
    return await listPrefixFiles(folder, wish)
  }

  async function remove(wish: ForgetWish, isMeant?: (file: PrefixFile) => boolean): Promise<void> {
    await leases.settled()
    const { removePrefixFiles } = await import("@fireside/engine")
    await removePrefixFiles(folder, wish, isMeant)
  }

  /** Also where models are loaded. Says what has gone, looked up before: a loaded model removes files of its own. */
  async function forgetAndRemove(
    wish: ForgetWish,
    {
      path,
      isMeant = () => true,
    }: { readonly path?: string; readonly isMeant?: (file: PrefixFile) => boolean } = {},
  ): Promise<{ readonly files: number; readonly bytes: number }> {
    const meant = (await files(wish)).filter(isMeant)
    leases.forget(wish, path)
    await remove(wish, isMeant)
    return { files: meant.length, bytes: meant.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  /** Names by the identity of their weights. */
  async function namesOfWeights(): Promise<ReadonlyMap<string, string>> {
    const library = await parts.library()
    const names = new Map<string, string>()
    for (const { name } of await models.list()) {
      const stored = await library.resolve(name).catch(() => undefined)
      const identity = stored && (await identityOf(stored.path))
      if (identity !== undefined && !names.has(identity)) names.set(identity, name)
    }
    return names
  }

  return {
    async status() {
      const [all, names] = await Promise.all([files(), namesOfWeights()])
      const nameOf = (file: PrefixFile): string => {
        const identity = file.line?.model ?? ""
        return names.get(identity) ?? basename(identity)
      }
      const byModel = new Map<string, { model: string; prefixes: number; tokens: number; bytes: number }>()
      for (const file of all) {
        const model = nameOf(file)
        const sum = byModel.get(model) ?? { model, prefixes: 0, tokens: 0, bytes: 0 }
        byModel.set(model, {
          model,
          prefixes: sum.prefixes + 1,
          tokens: sum.tokens + (file.line?.tokens ?? 0),
          bytes: sum.bytes + file.bytes,
        })
      }
      return {
        ...parts.prefixes,
        usedBytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
        models: [...byModel.values()],
        pins: all.flatMap((file) => pinOf(file, nameOf(file))),
      }
    },
    async clear({ model, pinned = false }) {
      const wish = { type: "all", pinned } as const
      if (model === undefined) return await forgetAndRemove(wish)
      const { path } = await (await parts.library()).resolve(model)
      const identity = await identityOf(path)
      return await forgetAndRemove(wish, { path, isMeant: ({ line }) => line?.model === identity })
    },
    async pin({ model, name, text }, signal) {
      const label = `${PIN}${name}`
      await using held = await lease(model, signal)
      const { stored } = held
      const { diskBytes = 0 } = stored === undefined ? {} : await prefixCacheFor(parts, stored)
      if (diskBytes === 0 || held.model.pin === undefined || stored === undefined)
        throw new AppError("cache-off", {
          message: "Nothing can be computed ahead: computed prefixes are not kept on disk.",
          hint: "Give them room with: fireside config set cache.disk 4GiB",
        })
      leases.forget({ type: "label", label }, stored.path)
      // A template may want something to have been said; what is kept ends before it.
      const prompt = {
        type: "chat",
        messages: [
          { role: "system", content: text },
          { role: "user", content: "?" },
        ],
      } as const
      const { tokens, bytes } = await held.model.pin(prompt, label, signal)
      if (bytes === 0)
        throw new AppError("disk-full", {
          message: `${name} takes more room than computed prefixes have: ${tokens} tokens.`,
          hint: "Give them more with: fireside config set cache.memory 1GiB (and cache.disk)",
          details: { tokens, ...parts.prefixes },
        })
      return { name, model: stored.summary.name, tokens, bytes }
    },
    async unpin(name) {
      const label = `${PIN}${name}`
      const removed = await forgetAndRemove({ type: "label", label })
      if (removed.files === 0)
        throw new AppError("not-found", {
          message: `Nothing is pinned under the name ${name}.`,
          hint: "See what is with: fireside cache status",
        })
    },
    async forgetGone() {
      try {
        const all = await files()
        if (all.length === 0) return
        const [names, blobs] = await Promise.all([namesOfWeights(), namesOfBlobs(parts)])
        const gone = new Set<string>()
        for (const identity of new Set(all.flatMap(({ line }) => (line === undefined ? [] : [line.model])))) {
          // What was removed and can be had back keeps its blob, and with it what was computed.
          const isThere = names.has(identity) || blobs.has(identity) || (await isFile(identity))
          if (!isThere) gone.add(identity)
        }
        const isGone = ({ line }: PrefixFile): boolean => line !== undefined && gone.has(line.model)
        if (gone.size > 0) await remove({ type: "all", pinned: true }, isGone)
      } catch (error) {
        parts.log.warn("computed prefixes of removed models could not be removed", { error })
      }
    },
    async endTemporary(id, owner) {
      leases.forget({ type: "label", label: temporaryLabel(id, owner) })
    },
    async forget(wish) {
      leases.forget(wish)
      await remove(wish).catch((error: unknown) =>
        parts.log.warn("computed prefixes could not be removed", { type: wish.type, error }),
      )
    },
  }
}

/** Named by their hash, as the identity of their weights is. */
async function namesOfBlobs({ paths }: Pick<Parts, "paths">): Promise<ReadonlySet<string>> {
  return new Set(await readdir(paths.blobs).catch(() => []))
}

function pinOf({ line, bytes, pinned }: PrefixFile, model: string): PinnedPrefix[] {
  if (!pinned || line?.label?.startsWith(PIN) !== true) return []
  return [{ name: line.label.slice(PIN.length), model, tokens: line.tokens, bytes }]
}

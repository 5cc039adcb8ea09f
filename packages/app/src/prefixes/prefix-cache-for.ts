// Where a model's computed prefixes may be kept, and under which name.
import { stat } from "node:fs/promises"
import { basename } from "node:path"
import type { PrefixCache } from "@fireside/engine"
import type { StoredModel } from "@fireside/library"
import type { Parts } from "../parts.ts"

/** Part of the free disk that prefixes may fill. */
const FREE_SHARE = 0.25

export async function prefixCacheFor(
  parts: Pick<Parts, "paths" | "prefixes" | "hardware" | "log">,
  stored: Pick<StoredModel, "path">,
): Promise<PrefixCache> {
  const { diskBytes, memoryBytes } = parts.prefixes
  const folder = parts.paths.prefixes
  const nowhere = { folder, identity: "", diskBytes: 0, memoryBytes }
  if (diskBytes === 0) return nowhere
  const identity = await identityOf(stored.path)
  if (identity === undefined) return nowhere
  const { diskFreeBytes } = await parts.hardware()
  return {
    folder,
    identity,
    diskBytes: Math.min(diskBytes, Math.floor(diskFreeBytes * FREE_SHARE)),
    memoryBytes,
  }
}

/** The hash of the weights, where the file is named by it; else what changes when the file does. Undefined: it cannot be looked at. */
export async function identityOf(path: string): Promise<string | undefined> {
  const name = basename(path)
  if (/^sha256-[0-9a-f]{64}$/.test(name)) return name
  const facts = await stat(path).catch(() => undefined)
  return facts && `${path} ${facts.size} ${facts.mtimeMs}`
}

/** Is this the identity of a file that is read where it is, and unchanged since? */
export async function isFile(identity: string): Promise<boolean> {
  const [, path] = /^(.+) \d+ [\d.]+$/s.exec(identity) ?? []
  return path !== undefined && (await identityOf(path)) === identity
}

// The folder of unfinished downloads: one folder and one lock a name.
import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { FileLock } from "@fireside/host"
import { DOWNLOAD_LIMITS } from "@fireside/protocol"
import type { LibraryWorld } from "./library-world.ts"
import { manifestKey } from "./manifest.ts"
import { formatReference, type PlainReference } from "./reference.ts"

export interface DownloadPlace extends AsyncDisposable {
  /** All unfinished files of this name. */
  readonly folder: string
}

/** Holds the name for this process. Throws `held`, naming the process that has it. */
export async function openDownloadPlace(
  reference: PlainReference,
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<DownloadPlace> {
  const folder = folderOf(reference, world)
  const lock: FileLock = await world.acquireLock(
    { path: `${folder}.lock`, purpose: `download ${formatReference(reference)}` },
    signal,
  )
  return { folder, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() as Promise<void> }
}

/** Bytes that were freed. */
export async function removePartials(reference: PlainReference, world: LibraryWorld): Promise<number> {
  const folder = folderOf(reference, world)
  const { bytes } = await measure(folder)
  await rm(folder, { recursive: true, force: true })
  return bytes
}

/** Removes what nobody went on with for a week. Downloads under way are written to all the time. */
export async function removeOldPartials(world: LibraryWorld): Promise<void> {
  const entries = await readdir(world.paths.downloads, { withFileTypes: true }).catch(() => [])
  const oldest = world.sources.clock.now() - DOWNLOAD_LIMITS.partialMaxAgeMs
  for (const entry of entries.filter((item) => item.isDirectory())) {
    const folder = join(world.paths.downloads, entry.name)
    const { changedMs } = await measure(folder)
    if (changedMs < oldest) await rm(folder, { recursive: true, force: true })
  }
}

function folderOf(reference: PlainReference, world: LibraryWorld): string {
  const key = manifestKey(reference)
  if (key === undefined) throw new Error(`${formatReference(reference)} cannot be downloaded`)
  return join(world.paths.downloads, key.join("+"))
}

async function measure(folder: string): Promise<{ readonly bytes: number; readonly changedMs: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const facts = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      // It may be removed while we look.
      .map((entry) => stat(join(entry.parentPath, entry.name)).catch(() => undefined)),
  )
  const own = await stat(folder).catch(() => undefined)
  return {
    bytes: facts.reduce((sum, file) => sum + (file?.size ?? 0), 0),
    changedMs: Math.max(own?.mtimeMs ?? 0, ...facts.map((file) => file?.mtimeMs ?? 0)),
  }
}

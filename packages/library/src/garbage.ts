// Removing blobs that no name stands for any more, and that no removal which can be taken back needs.
import { readFile } from "node:fs/promises"
import { DOWNLOAD_LIMITS } from "@fireside/protocol"
import type { LibraryWorld } from "./library-world.ts"
import type { Manifests } from "./manifest.ts"

/** Removes blobs that no name has stood for since a day: uploads that no `create` used, and what a crash left. */
export async function removeOldUnused(world: LibraryWorld): Promise<void> {
  const oldest = world.sources.clock.now() - DOWNLOAD_LIMITS.unusedBlobMaxAgeMs
  const hexes = await world.blobs.list()
  const madeAt = await Promise.all(hexes.map((hex) => world.blobs.madeAt(hex)))
  const old = hexes.filter((_, index) => (madeAt[index] ?? Number.POSITIVE_INFINITY) < oldest)
  if (old.length > 0) await removeUnused(old, world)
}

/** Of these blobs, removes those that no manifest mentions. Gives the bytes that were freed. */
export async function removeUnused(candidates: readonly string[], world: LibraryWorld): Promise<number> {
  const named = await mentionedIn(world.manifests)
  const aside = await mentionedIn(world.removed)
  let freed = 0
  for (const sha256 of new Set(candidates))
    if (!named.has(sha256) && !aside.has(sha256)) freed += await world.blobs.remove(sha256)
  return freed
}

/** The digests of all blobs that manifests speak of. */
export async function mentionedIn(manifests: Manifests): Promise<ReadonlySet<string>> {
  const mentioned = new Set<string>()
  for (const { manifest, path } of await manifests.list())
    for (const sha256 of manifest?.blobs.map((blob) => blob.sha256) ?? (await digestsIn(path)))
      mentioned.add(sha256)
  return mentioned
}

/** Whatever looks like a digest in a damaged manifest: rather keep too much. */
export async function digestsIn(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch(() => "")
  return [...text.matchAll(/\b[0-9a-f]{64}\b/g)].map(([digest]) => digest)
}

// Removing blobs that no name stands for any more.
import { readFile } from "node:fs/promises"
import type { LibraryWorld } from "./library-world.ts"

/** Of these blobs, removes those that no manifest mentions. Gives the bytes that were freed. */
export async function removeUnused(candidates: readonly string[], world: LibraryWorld): Promise<number> {
  const used = new Set<string>()
  for (const { manifest, path } of await world.manifests.list()) {
    const mentioned = manifest?.blobs.map(({ sha256 }) => sha256) ?? (await digestsIn(path))
    for (const sha256 of mentioned) used.add(sha256)
  }
  let freed = 0
  for (const sha256 of new Set(candidates)) if (!used.has(sha256)) freed += await world.blobs.remove(sha256)
  return freed
}

/** Whatever looks like a digest in a damaged manifest: rather keep too much. */
export async function digestsIn(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch(() => "")
  return [...text.matchAll(/\b[0-9a-f]{64}\b/g)].map(([digest]) => digest)
}

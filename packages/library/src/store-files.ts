// The last steps of a pull and an import: validate, join, move into the blobs, write the manifest. Nothing has a name before all of it
// is whole and valid.
import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { JobEvent } from "@fireside/protocol"
import { sidecarOf } from "./download/partial-file.ts"
import { removeUnused } from "./garbage.ts"
import type { LibraryWorld } from "./library-world.ts"
import type { Licence } from "./licence.ts"
import type { Manifest, ManifestBlob } from "./manifest.ts"
import { mergeSplit } from "./merge-split.ts"
import { factsOf, type ModelFacts, readModelFile } from "./model-file.ts"
import { formatReference, type PlainReference } from "./reference.ts"
import type { FetchedFile } from "./source.ts"

export interface StoreRequest {
  readonly reference: PlainReference
  readonly files: readonly FetchedFile[]
  /** The folder of this download, for a file that is joined from parts. */
  readonly folder: string
  readonly source: string
  readonly licence: Licence
  /** The model of the library that this one is made of. */
  readonly base?: string
  readonly onEvent: (event: JobEvent) => void
}

/** Throws `bad-model-file`; then nothing was promoted and the bad files are gone. */
export async function storeFiles(
  request: StoreRequest,
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<Manifest> {
  const { reference, onEvent } = request
  const name = formatReference(reference)
  const offered = request.files.filter(({ role }) => role === "weights").map(({ sha256 }) => sha256)
  const files = await joined(request, signal)
  onEvent({ type: "status", message: `checking ${name}` })
  const facts = await validate(files, name, world, signal)
  onEvent({ type: "status", message: "writing the manifest" })
  const blobs: ManifestBlob[] = []
  for (const { role, sha256, sizeBytes, name: fileName, path } of files) {
    if (path !== undefined) {
      await world.blobs.promote(path, sha256)
      await rm(sidecarOf(path), { force: true })
    }
    blobs.push({ role, sha256, sizeBytes, name: fileName })
  }
  const before = await world.manifests.read(reference).catch(() => undefined)
  const manifest: Manifest = {
    name,
    source: request.source,
    pulledAt: new Date(world.sources.clock.now()).toISOString(),
    licence: request.licence,
    blobs,
    ...(request.base === undefined ? {} : { base: request.base }),
    offered,
    facts,
  }
  await world.manifests.write(reference, manifest)
  // What the name stood for before may be nobody's now.
  if (before !== undefined)
    await removeUnused(
      before.blobs.map(({ sha256 }) => sha256),
      world,
    )
  return manifest
}

async function joined(
  { files, folder, onEvent }: StoreRequest,
  signal: AbortSignal,
): Promise<readonly FetchedFile[]> {
  const weights = files.filter(({ role }) => role === "weights")
  const [first] = weights
  if (first === undefined || weights.length < 2) return files
  onEvent({ type: "status", message: `joining ${weights.length} parts` })
  const paths = weights.map(({ path }) => path).filter((path) => path !== undefined)
  const merged = await mergeSplit(paths, join(folder, "joined.gguf"), signal)
  for (const path of paths) {
    await rm(path, { force: true })
    await rm(sidecarOf(path), { force: true })
  }
  const name = first.name.replace(/-\d{5}-of-\d{5}(?=\.gguf$)/i, "")
  return [{ ...merged, name, role: "weights" }, ...files.filter(({ role }) => role !== "weights")]
}

async function validate(
  files: readonly FetchedFile[],
  name: string,
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<ModelFacts> {
  let facts: ModelFacts | undefined
  for (const { role, path, sha256 } of files) {
    if (role !== "weights" && role !== "adapter") continue
    try {
      const header = await readModelFile(path ?? world.blobs.path(sha256), { role, name }, signal)
      if (role === "weights" || facts === undefined) facts = factsOf([header])
    } catch (error) {
      // These bytes are what the source has: keeping them would only fail again.
      if (path !== undefined && !signal.aborted) {
        await rm(path, { force: true })
        await rm(sidecarOf(path), { force: true })
      }
      throw error
    }
  }
  if (facts === undefined) throw new Error(`${name} came without weights`)
  return facts
}

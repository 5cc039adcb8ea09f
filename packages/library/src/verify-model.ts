// Reading a model's files again and comparing with what was stored. What differs is marked, so that it is never loaded.
import type { JobEvent } from "@fireside/protocol"
import { AppError } from "@fireside/protocol"
import { hashFile } from "./blobs.ts"
import { createProgressMeter } from "./download/progress-meter.ts"
import { findModel, notFound } from "./find-model.ts"
import type { ModelCheck } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import type { Manifest } from "./manifest.ts"
import { formatReference, parseReference } from "./reference.ts"

/** True when every blob of a manifest is there and has its digest. */
export async function verifyBlobs(
  manifest: Manifest,
  world: LibraryWorld,
  emit: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const total = manifest.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const meter = createProgressMeter(`verify ${manifest.name}`, emit, world.sources.clock)
  meter.start(0, total)
  let whole = true
  for (const { sha256, sizeBytes } of manifest.blobs) {
    if (!(await world.blobs.isWhole(sha256, sizeBytes))) whole = false
    else if (!(await world.blobs.verify(sha256, (count) => meter.add(count), signal))) whole = false
  }
  meter.finish()
  return whole
}

/** Throws `model-not-found`, `bad-reference`. */
export async function verifyModel(
  text: string,
  world: LibraryWorld,
  signal: AbortSignal,
): Promise<ModelCheck> {
  const reference = parseReference(text)
  if (reference.type === "path" || reference.type === "adapted")
    throw new AppError("bad-reference", {
      message: `${formatReference(reference)} is not one name of the library, so there is nothing to compare it with.`,
    })
  const found = await findModel(reference, world)
  if (found === undefined) throw await notFound(reference, world)
  if (found.type === "in-place") {
    const { name, path, sha256 } = found.model
    const actual = await hashFile(path, () => {}, signal)
    const digest = `sha256:${actual}`
    if (sha256 === undefined)
      return { name, ok: true, digest, message: "The store keeps no digest to compare with." }
    return sha256 === actual
      ? { name, ok: true, digest, message: "The file has its digest." }
      : {
          name,
          ok: false,
          digest,
          message: "The file in the other program's store does not have its digest.",
        }
  }
  const { manifest } = found
  const weights = manifest.blobs.find(({ role }) => role === "weights") ?? manifest.blobs[0]
  const ok = await verifyBlobs(manifest, world, () => {}, signal)
  return {
    name: manifest.name,
    ok,
    digest: `sha256:${weights?.sha256 ?? ""}`,
    message: ok
      ? "Every file has its digest."
      : `A file is missing or corrupt. Get it again with: fireside pull ${manifest.base ?? manifest.name}`,
  }
}

// Models that were removed a short while ago: their manifests wait aside, so that a removal can be taken back. No name leads to them, and
// their blobs stay as long as they wait.
import { rm } from "node:fs/promises"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { corruptBlob } from "./blobs.ts"
import { findStored } from "./find-model.ts"
import { digestsIn, mentionedIn, removeUnused } from "./garbage.ts"
import type { Removal, RemovedModel } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import type { Manifest } from "./manifest.ts"
import { formatReference, type PlainReference, parseReference } from "./reference.ts"

interface Stored {
  readonly reference: PlainReference
  readonly manifest: Manifest
}

/** Takes the name away and keeps what it stood for. One of the same name that waited already goes for good. */
export async function setAside(
  { reference, manifest }: Stored,
  world: LibraryWorld,
): Promise<NonNullable<Removal["held"]>> {
  const before = await world.removed.read(reference).catch(() => undefined)
  const removedAt = new Date(world.sources.clock.now()).toISOString()
  // Aside first: a crash in between leaves the name where it was, and never blobs that nobody mentions.
  await world.removed.write(reference, { ...manifest, removedAt })
  await world.manifests.remove(reference)
  if (before !== undefined) await removeUnused(digestsOf(before), world)
  const named = await mentionedIn(world.manifests)
  const bytes = manifest.blobs.reduce(
    (sum, { sha256, sizeBytes }) => sum + (named.has(sha256) ? 0 : sizeBytes),
    0,
  )
  return { bytes, until: untilOf(removedAt) }
}

export async function listRemoved(world: LibraryWorld): Promise<readonly RemovedModel[]> {
  const listed = await world.removed.list()
  return listed
    .flatMap(({ manifest }) =>
      manifest?.removedAt === undefined || isExpired(manifest, world) ? [] : [describe(manifest)],
    )
    .sort((one, other) => other.removedAt.localeCompare(one.removedAt))
}

/** Throws `not-found`, `already-exists`, `corrupt-data` for a model whose files are not whole any more. */
export async function restoreModel(name: string, world: LibraryWorld): Promise<{ readonly name: string }> {
  await removeExpired(world)
  const found = await findRemoved(parsePlain(name), world)
  if (found === undefined)
    throw new AppError("not-found", {
      message: `There is no removed model ${name} to bring back.`,
      hint: `A removal can be taken back for a day. Get the model again with: fireside pull ${name}`,
    })
  const { reference } = found
  const { removedAt: _removedAt, ...manifest } = found.manifest
  // One that cannot be read stands for something too.
  const taken = await world.manifests.read(reference).catch(() => "damaged" as const)
  if (taken !== undefined)
    throw new AppError("already-exists", {
      message: `${manifest.name} stands for another model by now.`,
      hint: "Give that one another name or remove it, then bring the old one back.",
      details: { name: manifest.name },
    })
  for (const { sha256, sizeBytes } of manifest.blobs) {
    const problem = await world.blobs.problem(sha256, sizeBytes)
    if (problem !== undefined) throw corruptBlob(manifest.name, problem, manifest.base)
  }
  await world.manifests.write(reference, manifest)
  await world.removed.remove(reference)
  return { name: manifest.name }
}

/** Lets one go before its time. Gives the bytes that were freed; undefined when none of that name waits. */
export async function dropRemoved(
  reference: PlainReference,
  world: LibraryWorld,
): Promise<number | undefined> {
  const found = await findRemoved(reference, world)
  if (found === undefined) return undefined
  await world.removed.remove(found.reference)
  return await removeUnused(digestsOf(found.manifest), world)
}

/** Lets all go whose time is over, and what cannot be read. Gives how many there were. */
export async function removeExpired(world: LibraryWorld): Promise<number> {
  const listed = await world.removed.list()
  const expired = listed.filter(({ manifest }) => manifest === undefined || isExpired(manifest, world))
  const digests: string[] = []
  for (const { manifest, path } of expired) {
    digests.push(...(manifest === undefined ? await digestsIn(path) : digestsOf(manifest)))
    await rm(path, { force: true })
  }
  if (digests.length > 0) await removeUnused(digests, world)
  return expired.length
}

async function findRemoved(reference: PlainReference, world: LibraryWorld): Promise<Stored | undefined> {
  try {
    return await findStored(reference, world, world.removed)
  } catch (error) {
    // Nothing can be made of it; it goes with the next that expires.
    if (error instanceof AppError && error.code === "corrupt-data") return undefined
    throw error
  }
}

function parsePlain(text: string): PlainReference {
  const reference = parseReference(text)
  if (reference.type !== "adapted") return reference
  throw new AppError("bad-reference", {
    message: `${formatReference(reference)} names several models; give one.`,
  })
}

const digestsOf = (manifest: Manifest): readonly string[] => manifest.blobs.map(({ sha256 }) => sha256)

/** Also when it does not say since when it waits. */
function isExpired({ removedAt = "" }: Manifest, world: LibraryWorld): boolean {
  const ageMs = world.sources.clock.now() - Date.parse(removedAt)
  return !(ageMs < DOWNLOAD_LIMITS.removedModelMaxAgeMs)
}

const untilOf = (removedAt: string): string =>
  new Date(Date.parse(removedAt) + DOWNLOAD_LIMITS.removedModelMaxAgeMs).toISOString()

function describe({ name, blobs, removedAt = "" }: Manifest): RemovedModel {
  const sizeBytes = blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0)
  return { name, sizeBytes, removedAt, restorableUntil: untilOf(removedAt) }
}

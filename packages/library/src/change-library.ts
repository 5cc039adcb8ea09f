// Import, copy, remove: changes that need no network.
import { basename, resolve } from "node:path"
import { AppError, type JobEvent } from "@fireside/protocol"
import { UNLIMITED } from "./download/rate-limit.ts"
import { openDownloadPlace, removePartials } from "./downloads-folder.ts"
import { streamEvents } from "./event-stream.ts"
import { findModel, findStored, notFound } from "./find-model.ts"
import { digestsIn, removeUnused } from "./garbage.ts"
import type { Removal } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import { UNKNOWN_LICENCE } from "./licence.ts"
import { storedReference } from "./manifest.ts"
import { offerFrom } from "./offer-from.ts"
import { formatReference, type NameReference, type PlainReference, parseReference } from "./reference.ts"
import { dropRemoved, removeExpired, setAside } from "./removed-models.ts"
import { storeFiles } from "./store-files.ts"

export function importFile(
  path: string,
  name: string,
  world: LibraryWorld,
  signal: AbortSignal,
): AsyncIterable<JobEvent> {
  return streamEvents(async (emit, stop) => {
    const reference = requireName(name)
    const purpose = { reason: `import ${name}`, feature: "import", contentClass: "none" } as const
    const offer = await offerFrom({ type: "path", path: resolve(path) }, { purpose }, world, stop)
    await using place = await openDownloadPlace(reference, world, stop)
    emit({ type: "status", message: `copying ${basename(path)}` })
    const has = (sha256: string, sizeBytes: number): Promise<boolean> =>
      world.blobs.isWhole(sha256, sizeBytes)
    const target = { folder: place.folder, purpose, onEvent: emit, has, rateLimit: UNLIMITED }
    const { files, cleanUp } = await offer.fetch(target, stop)
    try {
      const source = `file:${basename(path)}`
      const request = {
        reference,
        files,
        folder: place.folder,
        source,
        licence: UNKNOWN_LICENCE,
        onEvent: emit,
      }
      const manifest = await storeFiles(request, world, stop)
      emit({ type: "finish", name: manifest.name, digest: `sha256:${manifest.blobs[0]?.sha256 ?? ""}` })
    } finally {
      await cleanUp()
      await removePartials(reference, world)
    }
  }, signal)
}

/** The new name shares the blobs. A name that was there before stands for the new model then. */
export async function copyModel(from: string, to: string, world: LibraryWorld): Promise<void> {
  const source = parsePlain(from)
  const target = requireName(to)
  const found = await findModel(source, world)
  if (found === undefined) throw await notFound(source, world)
  if (found.type === "in-place")
    throw new AppError("unsupported", {
      message: `${found.model.name} belongs to another program's store, which may remove it at any time.`,
      hint: `Keep a copy under the new name with: fireside import ${found.model.path} ${to}`,
    })
  const before = await world.manifests.read(target).catch(() => undefined)
  await world.manifests.write(target, { ...found.manifest, name: formatReference(target) })
  if (before !== undefined)
    await removeUnused(
      before.blobs.map(({ sha256 }) => sha256),
      world,
    )
}

export async function removeModel(
  { name, undoable = false }: { readonly name: string; readonly undoable?: boolean },
  world: LibraryWorld,
): Promise<Removal> {
  const reference = parsePlain(name)
  if (reference.type === "path") throw notOurs(reference.path)
  await removeExpired(world)
  const stored = (await findDamaged(reference, world)) ?? (await findStored(reference, world))
  const target = stored?.reference ?? storedReference(reference)
  const partials = await removePartials(target, world)
  if (stored === undefined) {
    const dropped = undoable ? undefined : await dropRemoved(reference, world)
    if (dropped !== undefined || partials > 0) return { freedBytes: (dropped ?? 0) + partials }
    const found = await findModel(reference, world)
    throw found === undefined ? await notFound(reference, world) : notOurs(name)
  }
  // What is damaged is of no use to anybody who would have it back.
  if (undoable && "manifest" in stored) return { freedBytes: partials, held: await setAside(stored, world) }
  const blobs = "digests" in stored ? stored.digests : stored.manifest.blobs.map(({ sha256 }) => sha256)
  // The name first: a crash in between leaves a blob without a name, never a name without its blob.
  await world.manifests.remove(stored.reference)
  return { freedBytes: (await removeUnused(blobs, world)) + partials }
}

/** A name whose manifest cannot be read must be removable all the same. */
async function findDamaged(
  reference: PlainReference,
  world: LibraryWorld,
): Promise<{ readonly reference: PlainReference; readonly digests: readonly string[] } | undefined> {
  const wanted = storedReference(reference)
  const name = formatReference(wanted).toLowerCase()
  const listed = await world.manifests.list()
  const damaged = listed.find((item) => item.manifest === undefined && item.name.toLowerCase() === name)
  return damaged === undefined ? undefined : { reference: wanted, digests: await digestsIn(damaged.path) }
}

function notOurs(name: string): AppError {
  return new AppError("unsupported", {
    message: `${name} is read in place and belongs to another program or to you; it is not removed from here.`,
    hint: "Remove it with the program that keeps it.",
  })
}

export function requireName(text: string): NameReference {
  const reference = parseReference(text)
  const stored = reference.type === "name" ? storedReference(reference) : undefined
  if (stored?.type === "name") return stored
  throw new AppError("bad-reference", {
    message: `${text} cannot be a model's own name.`,
    hint: "Give a name such as mine or mine:v1.",
  })
}

function parsePlain(text: string): PlainReference {
  const reference = parseReference(text)
  if (reference.type !== "adapted") return reference
  throw new AppError("bad-reference", { message: `${text} names several models; give one.` })
}

// From a reference to what is on the disk: our manifests first, then the stores of other programs, then files.
import { AppError } from "@fireside/protocol"
import { closeNames, findEntry } from "./catalogue.ts"
import type { LibraryWorld } from "./library-world.ts"
import { type Manifest, type Manifests, storedReference } from "./manifest.ts"
import { formatReference, type NameReference, type PlainReference, parseReference } from "./reference.ts"
import { chooseModel } from "./sources/gguf-names.ts"
import type { InPlaceModel } from "./stores/in-place-model.ts"

export type FoundModel =
  | { readonly type: "stored"; readonly reference: PlainReference; readonly manifest: Manifest }
  | { readonly type: "in-place"; readonly model: InPlaceModel }

/** Undefined when nothing on this disk has that name. */
export async function findModel(
  reference: PlainReference,
  world: LibraryWorld,
): Promise<FoundModel | undefined> {
  const stored = await findStored(reference, world)
  if (stored !== undefined) return hasDigest(reference, stored.manifest) ? stored : undefined
  const model = findInPlace(reference, await listInPlace(world))
  return model === undefined || !inPlaceHasDigest(reference, model) ? undefined : { type: "in-place", model }
}

/** The reference under which a name is in our manifests, or in those set aside. Throws `corrupt-data` for one that cannot be read. */
export async function findStored(
  reference: PlainReference,
  world: LibraryWorld,
  manifests: Manifests = world.manifests,
): Promise<
  { readonly type: "stored"; readonly reference: PlainReference; readonly manifest: Manifest } | undefined
> {
  for (const candidate of candidates(reference, world)) {
    const manifest = await manifests.read(candidate)
    if (manifest !== undefined) return { type: "stored", reference: candidate, manifest }
  }
  return undefined
}

/** The name itself; without a tag also what the catalogue calls the latest of that name. */
function candidates(reference: PlainReference, world: LibraryWorld): readonly PlainReference[] {
  const own = storedReference(reference)
  if (reference.type !== "name" || reference.tag !== undefined) return [own]
  const entry = findEntry(world.catalogue, reference)
  return entry === undefined ? [own] : [own, parseName(entry.name)]
}

export function parseName(text: string): NameReference {
  const reference = parseReference(text)
  if (reference.type !== "name") throw new Error(`${text} is not a plain name`)
  return reference
}

export async function listInPlace(world: LibraryWorld): Promise<readonly InPlaceModel[]> {
  const lists = await Promise.all(world.stores.map(({ folder, list }) => list(folder)))
  return lists.flat()
}

function findInPlace(reference: PlainReference, models: readonly InPlaceModel[]): InPlaceModel | undefined {
  const names = (model: InPlaceModel): readonly string[] =>
    [model.name, ...model.aliases].map((name) => name.toLowerCase())
  const wanted = formatReference(storedReference(reference)).toLowerCase()
  const exact = models.find((model) => names(model).includes(wanted))
  if (exact !== undefined) return exact
  // Without a tag or quantisation: the best of those that have the name.
  const bare = formatReference(reference).toLowerCase()
  const open = (reference.type === "name" && reference.tag === undefined) || reference.type === "hub"
  if (!open || (reference.type === "hub" && (reference.quantization ?? reference.file) !== undefined))
    return undefined
  const sharing = models.filter((model) => names(model).some((name) => name.startsWith(`${bare}:`)))
  const group = sharing.map((model) => ({
    quantization: model.stem.toUpperCase(),
    stem: model.stem,
    files: [{ name: model.name, model }],
    complete: true,
  }))
  return chooseModel(group, undefined)?.files[0]?.model
}

function hasDigest(reference: PlainReference, manifest: Manifest): boolean {
  if (reference.type !== "name" || reference.digest === undefined) return true
  return manifest.blobs.some(({ role, sha256 }) => role === "weights" && sha256 === reference.digest)
}

function inPlaceHasDigest(reference: PlainReference, model: InPlaceModel): boolean {
  return reference.type !== "name" || reference.digest === undefined || model.sha256 === reference.digest
}

/** `model-not-found`, with what the user may have meant. */
export async function notFound(reference: PlainReference, world: LibraryWorld): Promise<AppError> {
  const name = formatReference(reference)
  const listed = await world.manifests.list()
  const known = [...world.catalogue.map((entry) => entry.name), ...listed.map((item) => item.name)]
  const close = closeNames(name, known)
  const entry = findEntry(world.catalogue, reference)
  if (entry !== undefined)
    return new AppError("model-not-found", {
      message: `${name} is not in the library yet.`,
      hint: `Get it with: fireside pull ${entry.name}`,
      details: { name, close: [entry.name] },
    })
  if (reference.type !== "name" && reference.type !== "path")
    return new AppError("model-not-found", {
      message: `${name} is not in the library yet.`,
      hint: `Get it with: fireside pull ${name}`,
      details: { name, close },
    })
  return new AppError("model-not-found", {
    message: `There is no model ${name} in the library or the catalogue.`,
    hint:
      close.length > 0
        ? `Did you mean ${close.join(", ")}?`
        : "Look for one with: fireside search, or name its source: hf:owner/repo, ollama:name:tag, https://…/x.gguf.",
    details: { name, close },
  })
}

// What a new model is made of: the files and settings of another model, of a file of the user's, or of an uploaded one.
import { readFile } from "node:fs/promises"
import { basename, resolve } from "node:path"
import { AppError, type JobEvent } from "@fireside/protocol"
import { UNLIMITED } from "./download/rate-limit.ts"
import { findModel, notFound } from "./find-model.ts"
import type { LibraryWorld } from "./library-world.ts"
import { type Licence, UNKNOWN_LICENCE } from "./licence.ts"
import type { ManifestBlob } from "./manifest.ts"
import { type ModelSettings, ownSettings } from "./model-settings.ts"
import { offerFrom } from "./offer-from.ts"
import { formatReference, type PlainReference, parseReference } from "./reference.ts"
import { resolveModel } from "./resolve-model.ts"
import type { FetchedFile } from "./source.ts"
import type { InPlaceModel } from "./stores/in-place-model.ts"
import { uploadedFile } from "./uploaded-blobs.ts"

export interface BaseModel {
  readonly weights: FetchedFile
  readonly adapters: readonly FetchedFile[]
  /** Shared as they are: licences, projectors. */
  readonly kept: readonly FetchedFile[]
  /** Texts of licences that are no blobs of ours yet. */
  readonly licenceTexts: readonly string[]
  readonly settings: ModelSettings
  readonly licence: Licence
  /** For the manifest. */
  readonly source: string
  /** Its name in the library, when it has one. */
  readonly name?: string
  /** What it was made of itself. */
  readonly madeOf?: string
}

export interface ReadingBase {
  readonly world: LibraryWorld
  /** Where copies are made. */
  readonly folder: string
  readonly emit: (event: JobEvent) => void
}

/** Throws `model-not-found`, `not-found`, `bad-reference`, `bad-model-file`, `corrupt-data`, `unsupported`. */
export async function readBase(from: string, reading: ReadingBase, signal: AbortSignal): Promise<BaseModel> {
  if (from.startsWith(BLOB)) return fileBase(await readFileOf(from, "weights", reading, signal))
  const reference = parseReference(from)
  if (reference.type !== "adapted") return await readPlain(reference, reading, signal)
  const base = await readPlain(reference.base, reading, signal)
  const added: FetchedFile[] = []
  for (const adapter of reference.adapters) added.push(await readAdapter(adapter, reading, signal))
  return { ...base, adapters: [...base.adapters, ...added] }
}

const BLOB = "blob:"

/**
 * A path, copied into the folder, or `blob:sha256-…`, where it lies. Throws `bad-model-file` when the file is of the other role.
 */
export async function readFileOf(
  text: string,
  role: "weights" | "adapter",
  { world, folder, emit }: ReadingBase,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const file = text.startsWith(BLOB)
    ? await uploadedFile(text.slice(BLOB.length), world, signal)
    : await copyFile(resolve(text), { world, folder, emit }, signal)
  if (file.role === role) return file
  const [is, wanted] =
    role === "adapter" ? ["a model and no adapter", "FROM"] : ["an adapter and no model", "ADAPTER"]
  throw new AppError("bad-model-file", {
    message: `${file.name} is ${is}.`,
    hint: `Name it with ${wanted}.`,
    details: { rule: "role" },
  })
}

async function copyFile(
  path: string,
  { world, folder, emit }: ReadingBase,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const purpose = {
    reason: `create from ${basename(path)}`,
    feature: "create",
    contentClass: "none",
  } as const
  const offer = await offerFrom({ type: "path", path }, { purpose }, world, signal)
  emit({ type: "status", message: `copying ${basename(path)}` })
  const has = (sha256: string, sizeBytes: number): Promise<boolean> => world.blobs.isWhole(sha256, sizeBytes)
  const target = { folder, purpose, onEvent: emit, has, rateLimit: UNLIMITED }
  const [file] = (await offer.fetch(target, signal)).files
  if (file === undefined) throw new Error(`copying ${path} gave no file`)
  return file
}

function fileBase(weights: FetchedFile): BaseModel {
  return {
    weights,
    adapters: [],
    kept: [],
    licenceTexts: [],
    settings: {},
    licence: UNKNOWN_LICENCE,
    source: `file:${weights.name}`,
  }
}

async function readPlain(
  reference: PlainReference,
  reading: ReadingBase,
  signal: AbortSignal,
): Promise<BaseModel> {
  const { world } = reading
  if (reference.type === "path") return fileBase(await readFileOf(reference.path, "weights", reading, signal))
  const found = await findModel(reference, world)
  if (found === undefined) throw await notFound(reference, world)
  // Looks at every file on the way: a model that could not be loaded is no base.
  const settings = ownSettings(await resolveModel(formatReference(reference), world))
  if (found.type === "in-place") return await copyInPlace(found.model, settings, reading, signal)
  const { name, blobs, licence, base } = found.manifest
  const of = (role: ManifestBlob["role"]): FetchedFile[] =>
    blobs.filter((blob) => blob.role === role).map((blob) => ({ ...blob, path: undefined }))
  const [weights] = of("weights")
  if (weights === undefined) throw new Error(`${name} was resolved without weights`)
  return {
    weights,
    adapters: of("adapter"),
    kept: [...of("projector"), ...of("licence")],
    licenceTexts: [],
    settings,
    licence,
    source: `file:${weights.name}`,
    name,
    ...(base === undefined ? {} : { madeOf: base }),
  }
}

/** Other programs may remove their files at any time, so ours are copies. */
async function copyInPlace(
  model: InPlaceModel,
  settings: ModelSettings,
  reading: ReadingBase,
  signal: AbortSignal,
): Promise<BaseModel> {
  const { emit } = reading
  emit({
    type: "notice",
    message: `${model.name} belongs to another program's store, which may remove it at any time; its file is copied.`,
  })
  const weights = await readFileOf(model.path, "weights", reading, signal)
  const adapters: FetchedFile[] = []
  const licenceTexts: string[] = []
  for (const { role, path } of model.settings) {
    if (role === "adapter") adapters.push(await readFileOf(path, "adapter", reading, signal))
    if (role === "licence") licenceTexts.push(await readFile(path, "utf8"))
  }
  return { ...fileBase(weights), adapters, licenceTexts, settings }
}

async function readAdapter(
  reference: PlainReference,
  reading: ReadingBase,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const { world } = reading
  if (reference.type === "path") return await readFileOf(reference.path, "adapter", reading, signal)
  const found = await findModel(reference, world)
  if (found === undefined) throw await notFound(reference, world)
  const blob =
    found.type === "stored" ? found.manifest.blobs.find(({ role }) => role === "adapter") : undefined
  if (blob !== undefined) return { ...blob, path: undefined }
  throw new AppError("bad-reference", {
    message: `${formatReference(reference)} is a model and no adapter, so it cannot stand behind a "+".`,
  })
}

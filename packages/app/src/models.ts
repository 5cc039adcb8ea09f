// The library as use cases: what is there, what is loaded anywhere, and the long work on it as recorded jobs.
import type { DeterministicVerdict } from "@fireside/fit"
import type { GgufEntry } from "@fireside/gguf"
import type { CatalogueEntry, StoredModel } from "@fireside/library"
import { AppError, type RunningModel } from "@fireside/protocol"
import type { ModelDetails, Models } from "./app.ts"
import { type Leases, resolveModel } from "./leases.ts"
import { capabilitiesOf, templateOf } from "./model-capabilities.ts"
import type { RegisteredModel } from "./model-registry.ts"
import type { Parts } from "./parts.ts"
import { recordedWork } from "./recorded-work.ts"
import { type Removals, resolveUsable } from "./removals.ts"

export interface ModelsOptions {
  readonly parts: Parts
  readonly leases: Leases
  readonly removals: Removals
}

export function createModels({ parts, leases, removals }: ModelsOptions): Models {
  return {
    async list() {
      return (await parts.library()).list()
    },
    async show(reference) {
      const stored = await resolveModel(parts, reference)
      if (stored === undefined) throw fileless(reference)
      const deterministic = (await parts.fit()).deterministicVerdict(stored.header)
      return { ...describe(stored, deterministic), ...(await adviceOn(parts, stored)) }
    },
    async running() {
      await leases.publish()
      const entries = await (await parts.registry()).list()
      return Promise.all(
        entries
          .filter((entry) => !entry.isDown)
          .map(async (entry): Promise<RunningModel> => {
            const { key: _key, ownerPid: _owner, path: _path, isDown: _down, ...running } = entry
            return { ...running, memoryBytes: await parts.residentMemory(entry.pid) }
          }),
      )
    },
    async stop(reference, signal) {
      const registry = await parts.registry()
      const loaded = await registry.list()
      const named = loaded.filter((it) => it.name === reference || it.name === `${reference}:latest`)
      // Loaded under another of its names, perhaps.
      const entries = named.length > 0 ? named : await filterByPath(parts, loaded, reference)
      await Promise.all(entries.map((entry) => registry.requestStop(entry, signal)))
      return entries.length
    },
    remove: removals.remove,
    removed: removals.removed,
    restore: removals.restore,
    sweep: removals.sweep,
    async contexts(reference) {
      return leases.contexts(await resolveModel(parts, reference))
    },
    async copy(from, to) {
      await parts.prepareHome()
      await (await parts.library()).copy(from, to)
    },
    importFile: (path, name, signal) => recordedWork(parts, { type: "import", path, name }, {}, signal),
    async verify(reference, signal) {
      return (await parts.library()).verify(reference, signal)
    },
    async search(query, options, signal) {
      const library = await parts.library()
      const { createFitJudge } = await import("./model-fit.ts")
      const [entries, models, fit] = await Promise.all([
        library.search(query, options, signal),
        library.list(),
        createFitJudge(parts),
      ])
      const names = new Set(models.map((it) => it.name))
      return await Promise.all(
        entries.map(async (entry) => {
          const installed = names.has(entry.name)
          const stored = installed ? await resolveUsable(library, entry.name) : undefined
          return { ...entry, installed, fit: fit.judge(entry, stored) }
        }),
      )
    },
    pull: (pull, signal) => recordedWork(parts, { type: "pull", pull }, {}, signal),
    create: (create, signal) => recordedWork(parts, { type: "create", create }, {}, signal),
    convert: (convert, signal) => recordedWork(parts, { type: "convert", convert }, {}, signal),
    async convertBack(reference) {
      const { convertBack } = await import("./conversion/convert-model.ts")
      return convertBack(parts, reference)
    },
    async parseModelfile(text, options) {
      return (await parts.library()).parseModelfile(text, options)
    },
    async modelfile(reference) {
      if ((await resolveModel(parts, reference)) === undefined) throw fileless(reference)
      return (await parts.library()).modelfile(reference)
    },
    async hasBlob(digest) {
      return (await parts.library()).hasBlob(digest)
    },
    async putBlob(digest, bytes, signal) {
      await parts.prepareHome()
      await (await parts.library()).putBlob(digest, bytes, signal)
    },
    async has(reference) {
      try {
        await resolveModel(parts, reference)
        return true
      } catch (error) {
        if (error instanceof AppError && error.code === "model-not-found") return false
        throw error
      }
    },
    async obtainable(reference) {
      const { parseReference } = await import("@fireside/library")
      const parsed = parseReference(reference)
      switch (parsed.type) {
        case "hub":
        case "ollama":
        case "url":
        case "package":
          return true
        case "path":
        case "adapted":
          return false
        case "name": {
          const { host, namespace, name, tag } = parsed
          if (host !== undefined || namespace !== undefined) return false
          return (await parts.library()).catalogue().some((entry) => isNamed(entry, name, tag))
        }
        default:
          return parsed satisfies never
      }
    },
  }
}

function fileless(reference: string): AppError {
  return new AppError("unsupported", {
    message: `${reference} has no file to show: the engine answers by itself.`,
  })
}

/** Tags compare without case; no tag, and `latest`, mean the entry that is marked so. */
function isNamed(entry: CatalogueEntry, name: string, tag: string | undefined): boolean {
  const [entryName, entryTag] = entry.name.split(":")
  if (entryName !== name.toLowerCase()) return false
  if (tag === undefined || tag.toLowerCase() === "latest") return entry.latest === true
  return entryTag === tag.toLowerCase()
}

async function filterByPath(
  parts: Parts,
  loaded: readonly RegisteredModel[],
  reference: string,
): Promise<readonly RegisteredModel[]> {
  const path = (await resolveModel(parts, reference))?.path
  return loaded.filter((entry) => entry.path === path)
}

async function adviceOn(parts: Parts, stored: StoredModel): Promise<Pick<ModelDetails, "advice">> {
  const { adviseOn } = await import("./kernel-speeds.ts")
  const advice = await adviseOn(parts, stored)
  return advice === undefined ? {} : { advice }
}

/** Everything `show` says of a stored model. */
function describe(stored: StoredModel, deterministic: DeterministicVerdict): ModelDetails {
  const { contextLength, maxTokens } = stored
  const metadata = Object.fromEntries(
    [...stored.header.metadata].map(([key, entry]) => [key, describeEntry(entry)]),
  )
  return {
    ...stored.summary,
    template: templateOf(stored),
    system: stored.system ?? "",
    sampling: stored.sampling ?? {},
    stop: stored.stop ?? [],
    defaults: {
      ...(contextLength === undefined ? {} : { contextLength }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
    },
    capabilities: capabilitiesOf(stored),
    metadata,
    licenceText: stored.licenceText ?? "",
    deterministic,
  }
}

/** Longer arrays (vocabularies) are given by their length. */
const SHOWN_ITEMS = 16

function describeEntry(entry: GgufEntry): unknown {
  if (entry.type !== "array") return typeof entry.value === "bigint" ? Number(entry.value) : entry.value
  const { count, itemType } = entry.value
  if (count > SHOWN_ITEMS) return { type: itemType, length: count }
  return Array.from(entry.value.items, (item) => (typeof item === "bigint" ? Number(item) : item))
}

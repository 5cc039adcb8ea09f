// A library without disk or network for tests of the packages above: what is in it is what it is given.
import { AppError, type JobEvent } from "@fireside/protocol"
import { closeNames } from "../catalogue.ts"
import { CATALOGUE } from "../catalogue-data.ts"
import type { CatalogueEntry, Library, StoredModel } from "../library.ts"
import { ownSettings } from "../model-settings.ts"
import { parseModelfile } from "../modelfile/parse-modelfile.ts"
import { writeModelfile } from "../modelfile/write-modelfile.ts"

export interface FakeLibraryOptions {
  readonly models?: readonly StoredModel[]
  readonly catalogue?: readonly CatalogueEntry[]
  /** What a pull brings, by name; others fail with `model-unavailable`. */
  readonly pullable?: Readonly<Record<string, StoredModel>>
}

export interface FakeLibrary extends Library {
  readonly models: Map<string, StoredModel>
  /** By digest. */
  readonly uploaded: Map<string, Uint8Array>
}

export function createFakeLibrary({
  models = [],
  catalogue = CATALOGUE,
  pullable = {},
}: FakeLibraryOptions = {}): FakeLibrary {
  const stored = new Map(models.map((model) => [model.summary.name, model]))
  const find = (name: string): StoredModel => {
    const model = stored.get(name) ?? stored.get(`${name}:latest`)
    if (model !== undefined) return model
    const known = [...stored.keys(), ...catalogue.map((entry) => entry.name)]
    throw new AppError("model-not-found", {
      message: `There is no model ${name}.`,
      details: { name, close: closeNames(name, known) },
    })
  }
  const uploaded = new Map<string, Uint8Array>()
  const aside = new Map<string, StoredModel>()
  const removedAt = "2026-01-01T00:00:00.000Z"
  const restorableUntil = "2026-01-02T00:00:00.000Z"
  return {
    models: stored,
    uploaded,
    resolve: async (name) => find(name),
    list: async () => [...stored.values()].map(({ summary }) => summary),
    catalogue: () => catalogue,
    search: async (query) => catalogue.filter((entry) => entry.name.includes(query)),
    async *pull(name, options): AsyncGenerator<JobEvent> {
      const model = pullable[name]
      if (model === undefined)
        throw new AppError("model-unavailable", {
          message: `${name} could not be had from any of its sources.`,
        })
      const { licence, sizeBytes } = model.summary
      const files = [{ name: `${name}.gguf`, sizeBytes }]
      await options.onOffer?.({
        name,
        source: "fake",
        licence: { name: licence, permissive: true },
        files,
        failed: [],
      })
      yield { type: "progress", file: name, doneBytes: sizeBytes, totalBytes: sizeBytes, bytesPerSecond: 0 }
      stored.set(name, model)
      yield { type: "finish", name, digest: model.summary.digest }
    },
    async *importFile(path, name): AsyncGenerator<JobEvent> {
      const model = pullable[path]
      if (model === undefined) throw new AppError("not-found", { message: `There is no file ${path}.` })
      stored.set(name, { ...model, summary: { ...model.summary, name } })
      yield { type: "finish", name, digest: model.summary.digest }
    },
    async *create(request): AsyncGenerator<JobEvent> {
      const { name, from, licences: _licences, adapters: _adapters, sampling, ...settings } = request
      const base = find(from)
      const { summary } = base
      stored.set(name, {
        ...base,
        ...settings,
        sampling: { ...base.sampling, ...sampling },
        summary: { ...summary, name },
      })
      yield { type: "finish", name, digest: summary.digest }
    },
    async *convert({ from, to, name }): AsyncGenerator<JobEvent> {
      const base = find(from)
      const digest = `sha256:${"c".repeat(64)}`
      const summary = {
        ...base.summary,
        name,
        digest,
        quantization: to.toUpperCase(),
        path: `/models/${name}`,
      }
      stored.set(name, { ...base, path: summary.path, summary })
      yield { type: "finish", name, digest }
    },
    parseModelfile: async (text, where) => parseModelfile(text, where),
    modelfile: async (reference) => writeModelfile({ from: reference, ...ownSettings(find(reference)) }),
    hasBlob: async (digest) => uploaded.has(digest),
    async putBlob(digest, bytes) {
      const pieces: Uint8Array[] = []
      for await (const piece of bytes) pieces.push(piece)
      uploaded.set(digest, Buffer.concat(pieces))
    },
    async copy(from, to) {
      const model = find(from)
      stored.set(to, { ...model, summary: { ...model.summary, name: to } })
    },
    async remove(name, { undoable = false } = {}) {
      const model = find(name)
      const { sizeBytes } = model.summary
      stored.delete(model.summary.name)
      if (!undoable) return { freedBytes: sizeBytes }
      aside.set(model.summary.name, model)
      return { freedBytes: 0, held: { bytes: sizeBytes, until: restorableUntil } }
    },
    removed: async () =>
      [...aside.values()].map(({ summary: { name, sizeBytes } }) => ({
        name,
        sizeBytes,
        removedAt,
        restorableUntil,
      })),
    async restore(name) {
      const model = aside.get(name) ?? aside.get(`${name}:latest`)
      if (model === undefined) throw new AppError("not-found", { message: `${name} was not removed.` })
      aside.delete(model.summary.name)
      stored.set(model.summary.name, model)
      return { name: model.summary.name }
    },
    sweep: async () => 0,
    async verify(name) {
      const { summary } = find(name)
      return { name: summary.name, ok: true, digest: summary.digest, message: "Every file has its digest." }
    },
  }
}

// A library in memory, with a catalogue of two.
import type { GgufEntry, ValidatedHeader } from "@fireside/gguf"
import type { CatalogueEntry, StoredModel } from "@fireside/library"
import {
  createFakeLibrary as createStoringLibrary,
  type FakeLibrary as StoringLibrary,
} from "@fireside/library/testing"
import { AppError, type JobEvent, type ModelSummary } from "@fireside/protocol"

export interface FakeStored {
  readonly name?: string
  readonly metadata?: Readonly<Record<string, GgufEntry>>
}

/** A stored model without a file behind it. */
export function fakeStored(
  { name = "tiny:latest", metadata = {} }: FakeStored = {},
  change: Partial<StoredModel> = {},
): StoredModel {
  const summary: ModelSummary = {
    name,
    digest: `sha256:${"a".repeat(64)}`,
    sizeBytes: 1_000_000,
    modifiedAt: "2026-01-01T00:00:00.000Z",
    format: "gguf",
    architecture: "llama",
    parameters: "1M",
    quantization: "Q8_0",
    contextLength: 2048,
    licence: "Apache-2.0",
    inPlace: false,
    path: `/models/${name}`,
  }
  const header = {
    version: 3,
    metadata: new Map(Object.entries(metadata)),
    tensors: [],
    alignment: 32,
    dataOffset: 0,
    fileSizeBytes: 1_000_000,
  }
  // No native code sees the file of a fake, so nothing has to be validated.
  return { summary, path: summary.path, header: header as unknown as ValidatedHeader, ...change }
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "tiny:1m",
    title: "Tiny",
    licence: { name: "Apache-2.0", url: "https://example.org/apache", permissive: true },
    parameters: 1_000_000,
    contextLength: 2048,
    languages: ["en"],
    goodFor: "tests",
    capabilities: ["completion"],
    approximateSizeBytes: 1_000_000,
    sources: ["hf:example/tiny", "pip:tiny"],
    latest: true,
  },
  {
    name: "large:1b",
    title: "Large",
    licence: { name: "Community", url: "https://example.org/community", permissive: false },
    parameters: 1_000_000_000,
    contextLength: 8192,
    languages: ["en"],
    goodFor: "tests of size",
    capabilities: ["completion"],
    approximateSizeBytes: 600_000_000,
    sources: ["hf:example/large"],
  },
]

export interface FakeLibrary extends StoringLibrary {
  /** References, in their order. */
  readonly pulled: string[]
}

/** A library in memory. `pull` gives what `events` says and stores a model of that name. */
export function createFakeLibrary(
  stored: readonly StoredModel[] = [],
  events: (reference: string) => readonly JobEvent[] = pullEvents,
): FakeLibrary {
  const library = createStoringLibrary({ models: stored, catalogue: CATALOGUE })
  const pulled: string[] = []
  async function* play(reference: string, list: readonly JobEvent[]): AsyncIterable<JobEvent> {
    for (const event of list) {
      if (event.type === "finish") library.models.set(event.name, fakeStored({ name: event.name }))
      yield event
    }
    pulled.push(reference)
  }
  return {
    ...library,
    pulled,
    async *pull(reference, options) {
      const entry = CATALOGUE.find((it) => it.name === reference)
      const licence = entry?.licence ?? { name: "unknown", permissive: true }
      await options.onOffer?.({
        name: reference,
        source: "hf:example/tiny",
        licence,
        files: [],
        downloadBytes: 10,
        failed: [],
      })
      if (!licence.permissive && options.acceptLicence !== true) {
        throw new AppError("licence-not-accepted", {
          message: `${reference} has the licence ${licence.name}.`,
          hint: "Accept it with --accept-licence.",
        })
      }
      yield* play(reference, events(reference))
    },
    importFile: (_, name) => play(name, pullEvents(name)),
  }
}

function pullEvents(name: string): readonly JobEvent[] {
  return [
    { type: "status", message: "pulling" },
    {
      type: "progress",
      file: "weights.gguf",
      doneBytes: 5,
      totalBytes: 10,
      bytesPerSecond: 5,
      secondsLeft: 1,
    },
    { type: "progress", file: "weights.gguf", doneBytes: 10, totalBytes: 10, bytesPerSecond: 5 },
    { type: "finish", name, digest: `sha256:${"b".repeat(64)}` },
  ]
}

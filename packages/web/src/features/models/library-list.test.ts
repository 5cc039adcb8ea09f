import type { ModelSummary, RunningModel } from "@fireside/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { arrangeModels, LIBRARY_ORDERS, librarySizeBytes, runningOf } from "./library-list.ts"

const model = (name: string, change: Partial<ModelSummary> = {}): ModelSummary => ({
  name,
  digest: `sha256:${name}`,
  sizeBytes: 1,
  modifiedAt: "2030-01-01T00:00:00Z",
  format: "gguf",
  architecture: "llama",
  parameters: "1B",
  quantization: "Q4_0",
  contextLength: 1,
  licence: "MIT",
  inPlace: false,
  path: name,
  ...change,
})

const running = (name: string, digest = `sha256:${name}`): RunningModel => ({
  name,
  digest,
  sizeBytes: 1,
  memoryBytes: null,
  processor: "CPU",
  contextLength: 1,
  expiresAt: null,
  pid: 1,
  streams: 0,
  queued: 0,
})

const MODELS = [
  model("beta:1b", { sizeBytes: 30, licence: "Apache-2.0" }),
  model("alpha:7b", { sizeBytes: 30, modifiedAt: "2030-01-03T00:00:00Z" }),
  model("gamma:2b", { sizeBytes: 90, architecture: "qwen2", modifiedAt: "2030-01-02T00:00:00Z" }),
]

const names = (models: readonly ModelSummary[]): readonly string[] => models.map(({ name }) => name)

test.each([
  ["name", ["alpha:7b", "beta:1b", "gamma:2b"]],
  ["size", ["gamma:2b", "alpha:7b", "beta:1b"]],
  ["newest", ["alpha:7b", "gamma:2b", "beta:1b"]],
] as const)("ordered by %s", (order, expected) => {
  expect(names(arrangeModels(MODELS, { words: "", order }))).toEqual(expected)
})

test.each([
  ["BETA", ["beta:1b"]],
  ["  apache  beta ", ["beta:1b"]],
  ["qwen2", ["gamma:2b"]],
  ["qwen2 apache", []],
])("found by %j", (words, expected) => {
  expect(names(arrangeModels(MODELS, { words, order: "name" }))).toEqual(expected)
})

test("no order loses a model", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.constantFrom(...LIBRARY_ORDERS), (list, order) => {
      const arranged = arrangeModels(
        list.map((name) => model(name)),
        { words: "", order },
      )
      expect(names(arranged).toSorted()).toEqual(list.toSorted())
    }),
  )
})

test("a persona's weights are in memory under its base's name", () => {
  const loaded = [running("base:1b", "sha256:a"), running("other:1b", "")]
  expect(runningOf(model("persona", { digest: "sha256:a" }), loaded)?.name).toBe("base:1b")
  expect(runningOf(model("other:1b", { digest: "sha256:b" }), loaded)?.name).toBe("other:1b")
  // Files that were never hashed have no digest: that makes them no relatives.
  expect(runningOf(model("third", { digest: "" }), loaded)).toBeUndefined()
})

test("shared files are counted once, those of other programs not at all", () => {
  const models = [
    model("base", { digest: "sha256:a", sizeBytes: 10 }),
    model("persona", { digest: "sha256:a", sizeBytes: 10 }),
    model("own", { digest: "", sizeBytes: 5 }),
    model("theirs", { inPlace: true, sizeBytes: 1_000 }),
  ]
  expect(librarySizeBytes(models)).toBe(15)
})

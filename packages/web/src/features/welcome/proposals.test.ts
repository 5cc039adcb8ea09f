import type { CatalogueMatch, ModelFit, ModelSummary } from "@fireside/protocol"
import { expect, test } from "vitest"
import { type Candidate, chooseProposals, reachOf, usableModels } from "./proposals.ts"

const fit = (label: ModelFit["label"]): ModelFit => ({
  label,
  neededBytes: 1,
  availableBytes: 2,
  expectedTokensPerSecond: 10,
  hasDiskRoom: true,
  reasons: [],
})

const candidate = (name: string): Candidate => ({
  entry: {
    name,
    title: name,
    licence: { name: "MIT", url: "", permissive: true },
    parameters: 1,
    contextLength: 1,
    languages: [],
    goodFor: "",
    capabilities: [],
    approximateSizeBytes: 1,
    sources: [],
  },
  expectedTokensPerSecond: 10,
  fit: fit("fits"),
})

const names = (candidates: readonly Candidate[]): string => candidates.map(({ entry }) => entry.name).join("")

test.each([
  ["", "", ""],
  ["a", "", "a"],
  ["abc", "", "abc"],
  ["abcd", "", "acd"],
  ["abcdefg", "", "adg"],
  ["abcd", "a", "bcd"],
  ["a", "a", ""],
])("of %j with %j in the library: %j", (proposed, here, shown) => {
  const models = [...here].map((name) => ({ name }))
  expect(names(chooseProposals([...proposed].map(candidate), models))).toBe(shown)
})

const model = (name: string, change: Partial<ModelSummary> = {}): ModelSummary => ({
  name,
  digest: "",
  sizeBytes: 1,
  modifiedAt: "2030-01-01T00:00:00Z",
  format: "gguf",
  architecture: "llama",
  parameters: "1B",
  quantization: "Q4_0",
  contextLength: 1,
  licence: "MIT",
  inPlace: false,
  path: "",
  ...change,
})

test("the newest of one's own, then the best of other programs' stores", () => {
  const present = model("theirs", { inPlace: true })
  const models = [
    model("old"),
    model("broken", { problem: "it is damaged" }),
    present,
    model("also-theirs", { inPlace: true }),
    model("new", { modifiedAt: "2030-02-01T00:00:00Z" }),
  ]
  expect(usableModels(models, present).map(({ name }) => name)).toEqual(["new", "old", "theirs"])
  expect(usableModels([], undefined)).toEqual([])
})

test("what this machine can take", () => {
  const match = (
    parameters: number,
    label: ModelFit["label"] | null,
  ): Pick<CatalogueMatch, "parameters" | "fit"> => ({
    parameters,
    fit: label === null ? null : fit(label),
  })
  const matches = [
    match(1, "fits"),
    match(8, "fits"),
    match(14, "slow"),
    match(70, "will-not-fit"),
    match(400, null),
  ]
  expect(reachOf(matches)).toEqual({ comfortable: 8, possible: 14 })
  expect(reachOf([])).toEqual({ comfortable: 0, possible: 0 })
})

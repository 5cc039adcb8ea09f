import type { CatalogueMatch, ModelFit } from "@fireside/protocol"
import { expect, test } from "vitest"
import { onlyOfHub, rankMatches } from "./discover.ts"

const match = (name: string, parameters = 0, label: ModelFit["label"] | null = null): CatalogueMatch => ({
  name,
  title: name,
  licence: { name: "MIT", url: "", permissive: true },
  parameters,
  contextLength: 0,
  languages: [],
  goodFor: "",
  capabilities: [],
  approximateSizeBytes: 0,
  sources: [],
  installed: false,
  fit:
    label === null
      ? null
      : {
          label,
          neededBytes: 1,
          availableBytes: 1,
          expectedTokensPerSecond: 1,
          hasDiskRoom: true,
          reasons: [],
        },
})

const names = (matches: readonly CatalogueMatch[]): readonly string[] => matches.map(({ name }) => name)

test("what fits comes first, the most capable of it on top", () => {
  const ranked = rankMatches([
    match("huge", 70, "will-not-fit"),
    match("slow", 14, "slow"),
    match("tiny", 1, "fits"),
    match("good", 8, "fits"),
    match("unknown"),
  ])
  expect(names(ranked)).toEqual(["good", "tiny", "slow", "unknown", "huge"])
})

test("the hub's answer without what the catalogue has", () => {
  const known = [match("tiny:1b"), match("hf:a/known")]
  const answer = [match("tiny:1b"), match("hf:b/new"), match("hf:a/known"), match("hf:a/newer")]
  expect(names(onlyOfHub(known, answer))).toEqual(["hf:b/new", "hf:a/newer"])
})

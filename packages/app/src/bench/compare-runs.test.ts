import type { BenchFigureName, BenchFigures, BenchVerdict, Spread } from "@fireside/protocol"
import { expect, test } from "vitest"
import { compareRuns } from "./compare-runs.ts"

const NONE: BenchFigures = {
  coldStartMs: null,
  shortTtftMs: null,
  longTtftMs: null,
  prefillTokensPerSecond: null,
  reuseTtftMs: null,
  gapMedianMs: null,
  gapP95Ms: null,
  gapMaxMs: null,
  decodeTokensPerSecond: null,
  crowdTokensPerSecond: null,
  kernelPrefillTokensPerSecond: null,
  kernelDecodeTokensPerSecond: null,
}
const NO_MEMORY = { residentBytes: null, proportionalBytes: null }
const run = (name: BenchFigureName, [min, median, max]: readonly [number, number, number]) => ({
  figures: { ...NONE, [name]: { min, median, max } satisfies Spread },
  memory: NO_MEMORY,
})

type Case = [string, BenchFigureName, [number, number, number], [number, number, number], BenchVerdict]

test.each<Case>([
  ["a time that grew past all of before", "longTtftMs", [119, 120, 121], [99, 100, 101], "worse"],
  ["a time that shrank below all of before", "longTtftMs", [79, 80, 81], [99, 100, 101], "better"],
  ["a rate that fell", "decodeTokensPerSecond", [79, 80, 81], [99, 100, 101], "worse"],
  ["a rate that grew", "decodeTokensPerSecond", [119, 120, 121], [99, 100, 101], "better"],
  ["4 %, however sure", "decodeTokensPerSecond", [96, 96, 96], [99, 100, 101], "same"],
  ["more than 5 %, but the runs overlap", "decodeTokensPerSecond", [70, 80, 99], [99, 100, 101], "same"],
])("%s", (_, name, now, before, verdict) => {
  const [change] = compareRuns(run(name, now), run(name, before))
  expect(change).toEqual({ name, ratio: now[1] / before[1], verdict })
})

test("what only one of them has is not compared, nor the longest gap", () => {
  expect(compareRuns(run("longTtftMs", [1, 1, 1]), run("shortTtftMs", [1, 1, 1]))).toEqual([])
  expect(compareRuns(run("gapMaxMs", [9, 9, 9]), run("gapMaxMs", [1, 1, 1]))).toEqual([])
})

test("memory is compared by its proportional bytes, by its resident ones where there are no others", () => {
  const memory = (residentBytes: number, proportionalBytes: number | null) => ({
    figures: NONE,
    memory: { residentBytes, proportionalBytes },
  })
  expect(compareRuns(memory(500, 110), memory(100, 100))).toEqual([
    { name: "memoryBytes", ratio: 1.1, verdict: "worse" },
  ])
  expect(compareRuns(memory(80, null), memory(100, null))).toEqual([
    { name: "memoryBytes", ratio: 0.8, verdict: "better" },
  ])
})

import type { BenchReport } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { changeOf, latestReports } from "./latest-reports.ts"
import { speedWord } from "./speed-words.ts"

const report = (id: string, day: number, rest: Partial<BenchReport> = {}): BenchReport =>
  // Only what is looked at here.
  ({
    id,
    at: `2026-01-0${day}T00:00:00.000Z`,
    model: "a:1b",
    digest: "sha256:1",
    isQuick: false,
    previous: null,
    ...rest,
  }) as BenchReport

describe("what was measured last", () => {
  test("the newest of each model, the newest first", () => {
    const reports = [report("1", 1), report("2", 3), report("3", 2, { model: "b:1b" }), report("4", 2)]
    expect(latestReports(reports).map(({ id }) => id)).toEqual(["2", "3"])
  })

  test("a full one wins over a newer quick one of the same weights", () => {
    const reports = [report("full", 1), report("quick", 2, { isQuick: true })]
    expect(latestReports(reports).map(({ id }) => id)).toEqual(["full"])
  })

  test("other weights under the same name are another thing", () => {
    const reports = [report("full", 1), report("quick", 2, { isQuick: true, digest: "sha256:2" })]
    expect(latestReports(reports).map(({ id }) => id)).toEqual(["quick"])
  })
})

test("a change is named, and none is not", () => {
  const changes = [
    { name: "decodeTokensPerSecond", ratio: 1.2, verdict: "better" },
    { name: "shortTtftMs", ratio: 1, verdict: "same" },
  ] as const
  const changed = report("1", 1, { previous: { id: "0", at: "", isQuotable: true, changes: [...changes] } })
  expect(changeOf(changed, "decodeTokensPerSecond")).toBe("better")
  expect(changeOf(changed, "shortTtftMs")).toBeUndefined()
  expect(changeOf(changed, "gapMaxMs")).toBeUndefined()
  expect(changeOf(report("1", 1), "decodeTokensPerSecond")).toBeUndefined()
})

test.each([
  [0, "slow"],
  [3.9, "slow"],
  [4, "reading"],
  [8, "fast"],
  [40, "very-fast"],
] as const)("%d tokens a second are %s", (speed, word) => {
  expect(speedWord(speed)).toBe(word)
})

import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { chooseDraftLengths, type DraftCandidate } from "./draft-lengths.ts"
import { stepPasses } from "./step-passes.ts"

/** Of Q4_0 on a processor, relative to one row. */
const cheap = (rows: readonly number[]) => sum(rows) ** 0.53
/** Of kernels without a path for several rows. */
const linear = (rows: readonly number[]) => sum(rows)
/** Of sequences with cells of their own. */
const inPasses = (rows: readonly number[]) => sum(stepPasses(rows, true).map((pass) => pass ** 0.53))

const CAPACITY = 64

function choose(
  candidates: readonly DraftCandidate[],
  costOf = cheap,
  capacity = CAPACITY,
): readonly number[] {
  return chooseDraftLengths(candidates, { capacity, costOf })
}

describe("one stream", () => {
  test.each([
    { hitRate: 0.1, length: 0 },
    { hitRate: 0.5, length: 0 },
    { hitRate: 0.8, length: 5 },
    { hitRate: 1, length: 15 },
  ])("$length tokens at a hit rate of $hitRate", ({ hitRate, length }) => {
    expect(choose([{ hitRate, limit: 15 }])).toEqual([length])
  })

  test("nothing where a row costs a row, whatever is guessed", () => {
    expect(choose([{ hitRate: 1, limit: 15 }], linear)).toEqual([0])
  })

  test("nothing before a step was measured", () => {
    expect(choose([{ hitRate: 1, limit: 15 }], () => 0)).toEqual([0])
  })

  test("not more than there is to guess, or room", () => {
    expect(choose([{ hitRate: 1, limit: 2 }])).toEqual([2])
    expect(choose([{ hitRate: 1, limit: 15 }], cheap, 5)).toEqual([3])
  })
})

describe("several streams", () => {
  test("the surer one has the longer draft", () => {
    const [sure = 0, unsure = 0] = choose([
      { hitRate: 0.95, limit: 15 },
      { hitRate: 0.6, limit: 15 },
    ])
    expect(sure).toBeGreaterThan(unsure)
    expect(unsure).toBeGreaterThan(0)
  })

  test("who has nothing to win does not wait for long", () => {
    const lengths = choose([
      { hitRate: 0.98, limit: 15 },
      { hitRate: 0, limit: 0 },
    ])
    expect(lengths[0]).toBeGreaterThan(0)
    expect(cheap([1 + (lengths[0] ?? 0), 1]) / cheap([1, 1])).toBeLessThanOrEqual(2)
  })

  test("drafts of one length where others would be another pass", () => {
    const candidates = [
      { hitRate: 0.95, limit: 15 },
      { hitRate: 0.9, limit: 15 },
    ]
    const [first, second] = choose(candidates, inPasses)
    expect(first).toBeGreaterThan(0)
    expect(second).toBe(first)
    expect(new Set(choose(candidates, cheap)).size).toBe(2)
  })
})

const CANDIDATES = fc.array(
  fc.record({ hitRate: fc.double({ min: 0, max: 1, noNaN: true }), limit: fc.integer({ min: 0, max: 4 }) }),
  { minLength: 1, maxLength: 3 },
)

test("no other drafts of as many rows are expected to bring more", () => {
  fc.assert(
    fc.property(CANDIDATES, fc.double({ min: 0.1, max: 1, noNaN: true }), (candidates, exponent) => {
      const chosen = choose(candidates, (counts) => sum(counts) ** exponent)
      const rows = sum(chosen)
      for (const [index, length] of chosen.entries())
        expect(length).toBeLessThanOrEqual(candidates[index]?.limit ?? 0)
      if (rows === 0) return
      const others = allLengths(candidates).filter((lengths) => sum(lengths) === rows)
      const most = Math.max(...others.map((lengths) => expected(candidates, lengths)))
      expect(expected(candidates, chosen)).toBeCloseTo(most, 9)
      expect(expected(candidates, chosen) / candidates.length).toBeGreaterThan(
        1.1 * ((candidates.length + rows) / candidates.length) ** exponent,
      )
    }),
  )
})

function expected(candidates: readonly DraftCandidate[], lengths: readonly number[]): number {
  return sum(
    candidates.map(({ hitRate }, stream) => {
      const rate = Math.min(hitRate, 0.985)
      return sum(Array.from({ length: (lengths[stream] ?? 0) + 1 }, (_, index) => rate ** index))
    }),
  )
}

function allLengths(candidates: readonly DraftCandidate[]): number[][] {
  return candidates.reduce<number[][]>(
    (lists, { limit }) =>
      lists.flatMap((list) => Array.from({ length: limit + 1 }, (_, length) => [...list, length])),
    [[]],
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

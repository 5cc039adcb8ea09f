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

/** So many guesses, each right with `hitRate` when all before it are. */
function guesses(hitRate: number, limit: number): DraftCandidate {
  return { chances: Array.from({ length: limit }, (_, place) => hitRate ** (place + 1)) }
}

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
    expect(choose([guesses(hitRate, 15)])).toEqual([length])
  })

  test("nothing where a row costs a row, whatever is guessed", () => {
    expect(choose([guesses(1, 15)], linear)).toEqual([0])
  })

  test("nothing before a step was measured", () => {
    expect(choose([guesses(1, 15)], () => 0)).toEqual([0])
  })

  test("more than 15 only where the step takes a moment", () => {
    const sure = guesses(0.998, 63)
    expect(choose([sure], (rows) => 37 * cheap(rows))).toEqual([47])
    expect(choose([sure], (rows) => 200 * cheap(rows))).toEqual([15])
  })

  test("not more than there is to guess, or room", () => {
    expect(choose([guesses(1, 2)])).toEqual([2])
    expect(choose([guesses(1, 15)], cheap, 5)).toEqual([3])
  })
})

describe("several streams", () => {
  test("the surer one has the longer draft", () => {
    const [sure = 0, unsure = 0] = choose([guesses(0.95, 15), guesses(0.6, 15)])
    expect(sure).toBeGreaterThan(unsure)
    expect(unsure).toBeGreaterThan(0)
  })

  test("who has nothing to win does not wait for long", () => {
    const lengths = choose([guesses(0.98, 15), guesses(0, 0)])
    expect(lengths[0]).toBeGreaterThan(0)
    expect(cheap([1 + (lengths[0] ?? 0), 1]) / cheap([1, 1])).toBeLessThanOrEqual(2)
  })

  test("drafts of one length where others would be another pass", () => {
    const candidates = [guesses(0.95, 15), guesses(0.9, 15)]
    const [first, second] = choose(candidates, inPasses)
    expect(first).toBeGreaterThan(0)
    expect(second).toBe(first)
    expect(new Set(choose(candidates, cheap)).size).toBe(2)
  })
})

const CANDIDATES = fc.array(
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }).map((rates) => ({
    chances: rates.map((_, place) => rates.slice(0, place + 1).reduce((a, b) => a * b)),
  })),
  { minLength: 1, maxLength: 3 },
)

test("no other drafts of as many rows are expected to bring more", () => {
  fc.assert(
    fc.property(CANDIDATES, fc.double({ min: 0.1, max: 1, noNaN: true }), (candidates, exponent) => {
      const chosen = choose(candidates, (counts) => sum(counts) ** exponent)
      const rows = sum(chosen)
      for (const [index, length] of chosen.entries())
        expect(length).toBeLessThanOrEqual(candidates[index]?.chances.length ?? 0)
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
  return sum(candidates.map(({ chances }, stream) => 1 + sum(chances.slice(0, lengths[stream]))))
}

function allLengths(candidates: readonly DraftCandidate[]): number[][] {
  return candidates.reduce<number[][]>(
    (lists, { chances }) =>
      lists.flatMap((list) => Array.from({ length: chances.length + 1 }, (_, length) => [...list, length])),
    [[]],
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

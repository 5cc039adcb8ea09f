// Deterministic mode, held to its word with real weights: the same text whatever happens beside it and wherever its prefix comes from.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { CACHE, type Loaded, load } from "./loaded-weights.ts"
import { answer, CASES, createRandom, leaveEarly } from "./mixed-load.ts"

describe.skipIf(CACHE === undefined)("deterministic mode (needs FIRESIDE_TEST_CACHE)", () => {
  let loaded: Loaded
  /** Each computed alone, from its first token on, and token by token. */
  const alone: string[] = []
  beforeAll(async () => {
    loaded = await load()
    for (const one of CASES)
      alone.push(await answer(loaded.model, one, { cachePrompt: false, speculate: false }))
  })
  afterAll(() => loaded?.[Symbol.asyncDispose]())

  test("the answers are long enough to differ, and differ from each other", () => {
    expect(new Set(alone).size).toBe(CASES.length)
    for (const text of alone) expect(text.length).toBeGreaterThan(40)
  })

  test("tokens that were guessed ahead are those that would have come", async () => {
    for (const [index, one] of CASES.entries())
      expect(await answer(loaded.model, one, { speculate: true })).toBe(alone[index])
  })

  test("a reused prefix gives what a computed one gives", async () => {
    for (const [index, one] of CASES.entries()) {
      expect(await answer(loaded.model, one)).toBe(alone[index])
      expect(await answer(loaded.model, one)).toBe(alone[index])
    }
  })

  test("a crowd changes nothing, with some who leave early", async () => {
    const { model } = loaded
    const [first, second, third] = CASES
    if (first === undefined || second === undefined || third === undefined) throw new Error("three cases")
    const texts = await Promise.all([
      answer(model, first, { cachePrompt: false }),
      answer(model, second),
      answer(model, third),
      leaveEarly(model, first).then(() => answer(model, second)),
      leaveEarly(model, second).then(() => answer(model, third, { cachePrompt: false })),
      leaveEarly(model, third).then(() => answer(model, first)),
    ])
    expect(texts).toEqual([0, 1, 2, 1, 2, 0].map((index) => alone[index]))
  })

  test.each([
    ["batches of 64 rows", { batchRows: 64, microBatchRows: 64 }],
    ["two threads", { threads: 2 }],
    ["fewer streams than requests", { streams: 2 }],
  ])("%s change nothing, in a random mixed load", async (_, changes) => {
    await using other = await load(changes)
    const random = createRandom(11)
    const picked = Array.from({ length: 5 }, () => Math.floor(random() * CASES.length))
    const texts = await Promise.all(
      picked.map(async (index) => {
        const one = CASES[index]
        if (one === undefined) throw new Error("a case")
        if (random() < 0.3) await leaveEarly(other.model, one)
        return await answer(other.model, one)
      }),
    )
    expect(texts).toEqual(picked.map((index) => alone[index]))
  })
})

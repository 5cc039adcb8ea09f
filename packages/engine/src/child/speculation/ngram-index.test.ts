import fc from "fast-check"
import { expect, test } from "vitest"
import { createNgramIndex, type Draft } from "./ngram-index.ts"

/** The same by looking at every position. */
function search(tokens: readonly number[], length: number): Draft | null {
  const end = tokens.length
  const common = (from: number) => {
    let same = 0
    while (same < 48 && same < from && tokens[from - 1 - same] === tokens[end - 1 - same]) same += 1
    return same
  }
  for (const size of [16, 4, 3, 2])
    for (let from = end - 1; from >= size; from--)
      if (common(from) >= size) {
        const grown = [...tokens]
        for (let index = 0; index < length; index++) grown.push(grown[from + index] ?? -1)
        return { tokens: grown.slice(end), matchLength: common(from) }
      }
  return null
}

const TEXT = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 200 }),
  fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 50 }),
  fc
    .tuple(fc.array(fc.nat(200), { maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 9 }))
    .map(([passage, between]) => [...passage, ...between, ...passage.slice(0, 40)]),
)

test("finds what a search finds, at every length of the text", () => {
  fc.assert(
    fc.property(TEXT, fc.integer({ min: 0, max: 20 }), (text, length) => {
      const tokens: number[] = []
      const index = createNgramIndex(tokens)
      for (const token of text) {
        tokens.push(token)
        expect(index.draft(length)).toEqual(search(tokens, length))
      }
    }),
  )
})

test("where circles stand within circles it finds the place that is as far in the outer one", () => {
  const inner = [1, 2, 3, 4, 5, 6, 7, 8]
  const outer = [...inner, 20, ...inner, 30]
  const tokens = [...outer, ...outer, ...inner]
  expect(createNgramIndex(tokens).draft(2)).toEqual({ tokens: [20, 1], matchLength: 26 })
})

test("finds the same when many tokens came at once, and its tables have grown", () => {
  const text = fc.array(fc.nat(30), { minLength: 3_000, maxLength: 5_000 })
  fc.assert(
    fc.property(text, (tokens) => {
      expect(createNgramIndex(tokens).draft(5)).toEqual(search(tokens, 5))
    }),
    { numRuns: 10 },
  )
})

test("with little memory it knows the end of a long text, and never guesses wrong", () => {
  const slots = 256
  const text = fc.array(fc.nat(40), { minLength: 300, maxLength: 500 })
  fc.assert(
    fc.property(text, (all) => {
      const tokens: number[] = []
      const index = createNgramIndex(tokens, { mostSlots: slots })
      for (const token of all) {
        tokens.push(token)
        const draft = index.draft(3)
        const recent = tokens.slice(-slots / 4)
        const known = search(recent, 3)
        if (known !== null) expect(draft?.matchLength).toBeGreaterThanOrEqual(known.matchLength)
        if (draft !== null) expect(follows(tokens, draft)).toBe(true)
      }
    }),
    // A failure is as plain with long texts as with shrunk ones, and sooner there.
    { numRuns: 10, endOnFailure: true },
  )
})

/** Did the tokens before the draft, and then those of the draft, really stand in the text? */
function follows(tokens: readonly number[], { tokens: guessed, matchLength }: Draft): boolean {
  const end = tokens.slice(-matchLength)
  for (let at = matchLength; at < tokens.length; at++) {
    const grown = [...tokens, ...guessed]
    if (
      end.every((token, index) => tokens[at - matchLength + index] === token) &&
      guessed.every((token, index) => grown[at + index] === token)
    )
      return true
  }
  return false
}

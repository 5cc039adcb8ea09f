import { expect, test } from "vitest"
import { encodeTimings } from "./usage.ts"

const USAGE = { promptTokens: 10, cachedTokens: 4, completionTokens: 20 }
const TIMINGS = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 2 }

test("guesses are told in llama.cpp's words, where there were any", () => {
  const plain = encodeTimings(USAGE, TIMINGS)
  expect(plain).not.toHaveProperty("draft_n")
  expect(encodeTimings(USAGE, { ...TIMINGS, draftedTokens: 0, acceptedTokens: 0 })).toEqual(plain)
  expect(encodeTimings(USAGE, { ...TIMINGS, draftedTokens: 12, acceptedTokens: 9 })).toEqual({
    ...plain,
    draft_n: 12,
    draft_n_accepted: 9,
  })
})

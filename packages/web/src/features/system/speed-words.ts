// What a measured speed means to somebody who reads along.

export type SpeedWord = "slow" | "reading" | "fast" | "very-fast"

/**
 * People read 200 to 300 words a minute silently (Brysbaert 2019: 238 on average), and an English word is about 1.3 tokens: 4 to 7 tokens a
 * second.
 */
const READING_TOKENS_PER_SECOND = { slow: 4, fast: 8 } as const

/** Of one answer. */
export function speedWord(tokensPerSecond: number): SpeedWord {
  if (tokensPerSecond < READING_TOKENS_PER_SECOND.slow) return "slow"
  if (tokensPerSecond < READING_TOKENS_PER_SECOND.fast) return "reading"
  return tokensPerSecond < 5 * READING_TOKENS_PER_SECOND.fast ? "fast" : "very-fast"
}

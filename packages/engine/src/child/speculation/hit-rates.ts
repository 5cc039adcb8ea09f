// How often guesses were right in one stream, by how long the match was that they come from. Pure.

/** Match lengths from which a bucket begins, and what is believed of it before anything was seen. */
const BUCKETS = [
  { from: 0, rate: 0.3 },
  { from: 3, rate: 0.4 },
  { from: 4, rate: 0.55 },
  { from: 6, rate: 0.7 },
  { from: 12, rate: 0.85 },
] as const
/** What is left of the old rate after one guess. */
const KEPT = 0.93

export interface HitRates {
  /** Probability that the next token of a draft with such a match is right. */
  rate(matchLength: number): number
  /**
   * Tells what became of a draft: `hits` of `tries` guesses were right. A guess after a wrong one is no try. Drafts that were not
   * sent count as well, by their first token: so a stream that stopped speculating begins again.
   */
  record(matchLength: number, outcome: { readonly hits: number; readonly tries: number }): void
}

export function createHitRates(): HitRates {
  const rates: number[] = BUCKETS.map(({ rate }) => rate)
  return {
    rate: (matchLength) => rates[bucketOf(matchLength)] ?? 0,
    record: (matchLength, { hits, tries }) => {
      if (tries === 0) return
      const bucket = bucketOf(matchLength)
      const kept = KEPT ** tries
      rates[bucket] = (rates[bucket] ?? 0) * kept + (hits / tries) * (1 - kept)
    },
  }
}

function bucketOf(matchLength: number): number {
  return BUCKETS.findLastIndex(({ from }) => matchLength >= from)
}

// How often guesses were right in one stream, by how many tokens before them were the same. Pure.

/**
 * Match lengths from which a bucket begins, what is believed of it before anything was seen, and what is left of the old rate after one
 * guess. Of long matches nearly all are right, so more of them are needed to tell 0.98 from 1.
 */
const BUCKETS = [
  { from: 0, rate: 0.3, kept: 0.93 },
  { from: 3, rate: 0.4, kept: 0.93 },
  { from: 4, rate: 0.55, kept: 0.93 },
  { from: 6, rate: 0.7, kept: 0.93 },
  { from: 12, rate: 0.85, kept: 0.93 },
  { from: 24, rate: 0.93, kept: 0.96 },
  { from: 48, rate: 0.97, kept: 0.98 },
] as const
/** Matches of this length and more are in one bucket. */
export const LONGEST_MATCH = BUCKETS[BUCKETS.length - 1]?.from ?? 0
/** A guess is never certain. */
const SUREST = 0.998
/** A guess that is less probable than this is worth no row anywhere. */
const LEAST_CHANCE = 0.1

export interface HitRates {
  /**
   * Of each token of a draft after such a match, at most `limit`, the probability that it is right and all before it are: each match is
   * longer by one. Shorter where the next would hardly ever be.
   */
  chances(matchLength: number, limit: number): readonly number[]
  /**
   * Tells what became of a draft: `hits` of `tries` guesses were right. A guess after a wrong one is no try. Drafts that were not
   * sent count as well, by their first token: so a stream that stopped speculating begins again.
   */
  record(matchLength: number, outcome: { readonly hits: number; readonly tries: number }): void
}

export function createHitRates(): HitRates {
  const rates: number[] = BUCKETS.map(({ rate }) => rate)
  return {
    chances: (matchLength, limit) => {
      const chances: number[] = []
      let chance = 1
      for (let place = 0; place < limit; place++) {
        chance *= Math.min(rates[bucketOf(matchLength + place)] ?? 0, SUREST)
        if (chance < LEAST_CHANCE) break
        chances.push(chance)
      }
      return chances
    },
    record: (matchLength, { hits, tries }) => {
      for (let place = 0; place < tries; place++) {
        const bucket = bucketOf(matchLength + place)
        const kept = BUCKETS[bucket]?.kept ?? 0
        rates[bucket] = (rates[bucket] ?? 0) * kept + (place < hits ? 1 - kept : 0)
      }
    },
  }
}

function bucketOf(matchLength: number): number {
  return BUCKETS.findLastIndex(({ from }) => matchLength >= from)
}

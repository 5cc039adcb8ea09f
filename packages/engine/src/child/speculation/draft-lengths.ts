// How many guessed tokens of each stream go into a step: as many as bring the most tokens for its time. Pure.

/**
 * Rows of a step with drafts. Few sizes, so that each is measured often enough, by the costs of steps as by the choice of
 * threads.
 */
const STEP_SIZES = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
/** What is expected must be better than plain decoding by more than the estimates are wrong. */
const WORTHWHILE = 1.1
/** A stream that has nothing to win waits at most this many times its plain step for those that have. */
const PATIENCE = 2
/** A guess is never certain. */
const SUREST = 0.985

export interface DraftCandidate {
  /** Probability that the next guessed token is right. */
  readonly hitRate: number
  /** Guessed tokens at most; 0: none. */
  readonly limit: number
}

export interface StepShape {
  /** Rows that the batch can have at most, of all streams. */
  readonly capacity: number
  /** Expected duration of a step of so many rows, in any unit. */
  readonly costOf: (rows: number) => number
}

/**
 * Chooses a draft length for every stream of a step, in order; each stream also has the row of its last token. The cost of a step
 * depends on the number of its rows only, and the n-th guess of a stream is right with its hit rate to the power of n. So for
 * each number of rows the best drafts are those of the most probable tokens, and the best number is found by trying all sizes.
 */
export function chooseDraftLengths(
  candidates: readonly DraftCandidate[],
  { capacity, costOf }: StepShape,
): number[] {
  const streams = candidates.length
  const plainCost = costOf(streams)
  const none = candidates.map(() => 0)
  if (streams === 0 || !(plainCost > 0)) return none
  const guesses = probableGuesses(candidates)
  let best = 0
  let bestGain = WORTHWHILE
  for (const rows of STEP_SIZES) {
    const count = rows - streams
    if (rows > capacity || count > guesses.length) break
    if (count < 1) continue
    const chosen = guesses.slice(0, count)
    const tokens = chosen.reduce((sum, { probability }) => sum + probability, streams)
    const slowdown = costOf(rows) / plainCost
    const allGain = new Set(chosen.map(({ stream }) => stream)).size === streams
    if (!allGain && slowdown > PATIENCE) continue
    const gain = tokens / streams / slowdown
    if (gain <= bestGain) continue
    bestGain = gain
    best = count
  }
  const lengths = none
  for (const { stream } of guesses.slice(0, best)) lengths[stream] = (lengths[stream] ?? 0) + 1
  return lengths
}

/** All guesses, the most probable first. Of one stream each is less probable than the one before it, so none is skipped. */
function probableGuesses(
  candidates: readonly DraftCandidate[],
): { readonly stream: number; readonly probability: number }[] {
  return candidates
    .flatMap(({ hitRate, limit }, stream) => {
      const rate = Math.min(hitRate, SUREST)
      return Array.from({ length: limit }, (_, index) => ({ stream, probability: rate ** (index + 1) }))
    })
    .filter(({ probability }) => probability > 0)
    .sort((a, b) => b.probability - a.probability)
}

// How many guessed tokens of each stream go into a step: as many as bring the most tokens for its time. Pure.

/**
 * Rows of a step with drafts, of all streams and of each. Few sizes, so that each is measured often enough, by the costs of steps as by the
 * choice of threads.
 */
const STEP_SIZES = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
/** What is expected must be better than plain decoding by more than the estimates are wrong. */
const WORTHWHILE = 1.1
/** A stream that has nothing to win waits at most this many times its plain step for those that have. */
const PATIENCE = 2
/** Longer drafts than this only in steps that take a moment: nobody reads anything meanwhile. */
const SHORT_DRAFT = 15
const MOMENT_MS = 300

export interface DraftCandidate {
  /** Of each guessed token in order, the probability that it is right and all before it are. None: nothing is guessed. */
  readonly chances: readonly number[]
}

export interface StepShape {
  /** Rows that the batch can have at most, of all streams. */
  readonly capacity: number
  /** Expected duration of a step with so many rows of each stream, milliseconds; 0: not known. */
  readonly costOf: (rowsByStream: readonly number[]) => number
}

/**
 * Chooses a draft length for every stream of a step, in order; each stream also has the row of its last token. For a number of rows the
 * most tokens are expected of the most probable guesses of all streams. They are compared with drafts of one length, which the library may
 * compute in fewer passes.
 */
export function chooseDraftLengths(
  candidates: readonly DraftCandidate[],
  { capacity, costOf }: StepShape,
): readonly number[] {
  const streams = candidates.length
  const plain = candidates.map(() => 0)
  if (!candidates.some(({ chances }) => chances.length > 0)) return plain
  const costWith = (lengths: readonly number[]) => costOf(lengths.map((length) => length + 1))
  const plainCost = costWith(plain)
  if (!(plainCost > 0)) return plain
  let best = plain
  let bestGain = WORTHWHILE
  for (const lengths of possibleLengths(candidates)) {
    const rows = streams + lengths.reduce((sum, length) => sum + length, 0)
    if (rows === streams || rows > capacity) continue
    const cost = costWith(lengths)
    if (cost > MOMENT_MS && Math.max(...lengths) > SHORT_DRAFT) continue
    const slowdown = cost / plainCost
    if (slowdown > PATIENCE && lengths.includes(0)) continue
    const gain = expectedTokens(candidates, lengths) / streams / slowdown
    if (gain <= bestGain) continue
    bestGain = gain
    best = lengths
  }
  return best
}

function possibleLengths(candidates: readonly DraftCandidate[]): number[][] {
  const guesses = probableGuesses(candidates)
  const mostProbable = STEP_SIZES.map((rows) => rows - candidates.length)
    .filter((count) => count > 0 && count <= guesses.length)
    .map((count) => {
      const lengths = candidates.map(() => 0)
      for (const stream of guesses.slice(0, count)) lengths[stream] = (lengths[stream] ?? 0) + 1
      return lengths
    })
  if (candidates.length === 1) return mostProbable
  const even = STEP_SIZES.map((rows) => candidates.map(({ chances }) => Math.min(chances.length, rows - 1)))
  return [...mostProbable, ...even]
}

/** The streams of all guesses, the most probable guess first. Of one stream each is less probable than the one before it, so none is skipped. */
function probableGuesses(candidates: readonly DraftCandidate[]): number[] {
  return candidates
    .flatMap(({ chances }, stream) => chances.map((chance) => ({ stream, chance })))
    .sort((a, b) => b.chance - a.chance)
    .map(({ stream }) => stream)
}

/** With the one that each stream gets in any case. */
function expectedTokens(candidates: readonly DraftCandidate[], lengths: readonly number[]): number {
  let tokens = 0
  for (const [stream, { chances }] of candidates.entries())
    tokens += chances.slice(0, lengths[stream]).reduce((sum, chance) => sum + chance, 1)
  return tokens
}

// Which free sequence a stream takes where none holds its beginning, or several hold as much. Pure.
import type { Sequence } from "./sequence.ts"

/** What holds more is not moved to main memory only to have another neighbour. */
const MOST_MOVED = 512

export interface Neighbours {
  /**
   * Each sequence has cells of its own: the library computes rows together as long as the numbers of their sequences follow each other, so that
   * running streams are best next to each other.
   */
  readonly ownCells: boolean
}

/** An empty sequence costs nobody a prefix; then the one used longest ago. Throws where none is free. */
export function leastMissed(sequences: readonly Sequence[], neighbours: Neighbours): Sequence {
  const free = sequences.filter(({ busy }) => !busy)
  const besides = free.filter((sequence) => isBesideBusy(sequence, sequences, neighbours))
  const [first, ...others] = besides.length > 0 ? besides : free
  if (first === undefined) throw new Error("a free sequence was promised")
  return others.reduce((least, sequence) => (isMissedLess(sequence, least) ? sequence : least), first)
}

/** Would a stream in this free one run next to another, and is little moved away for it? */
export function isBesideBusy(
  { id, tokens }: Sequence,
  sequences: readonly Sequence[],
  { ownCells }: Neighbours,
): boolean {
  return (
    ownCells &&
    tokens.length <= MOST_MOVED &&
    [id - 1, id + 1].some((place) => sequences[place]?.busy === true)
  )
}

function isMissedLess(sequence: Sequence, other: Sequence): boolean {
  if ((sequence.tokens.length === 0) !== (other.tokens.length === 0)) return sequence.tokens.length === 0
  return sequence.usedAt < other.usedAt
}

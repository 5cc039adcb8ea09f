// Which sequence of the context a stream gets, and what each sequence still holds: a growing chat finds its computed prefix
// again. Pure: the caller does the cutting. A prefix tree and a disk tier would take this file's place.

export interface Sequence {
  readonly id: number
  /** Tokens whose results the context holds, by position. */
  readonly tokens: number[]
  /** The adapters that they were computed with. */
  adapterKey: string
  /** Whose tokens they are: how much of a prompt is known already would tell others what was said. */
  owner: string | undefined
  busy: boolean
  usedAt: number
}

export interface SequenceClaim {
  readonly sequence: Sequence
  /** How many tokens at the beginning need not be computed again. */
  readonly reusable: number
}

export interface ClaimWish {
  readonly prompt: readonly number[]
  readonly adapterKey: string
  readonly owner: string | undefined
  readonly reuse: boolean
  /** Its memory can only be continued or dropped, not cut. */
  readonly wholeOnly: boolean
}

export class SequencePool {
  readonly sequences: readonly Sequence[]
  #clock = 0

  constructor(count: number) {
    this.sequences = Array.from({ length: count }, (_, id) => ({
      id,
      tokens: [],
      adapterKey: "",
      owner: undefined,
      busy: false,
      usedAt: 0,
    }))
  }

  get hasFree(): boolean {
    return this.sequences.some((sequence) => !sequence.busy)
  }

  /** The free sequence with the longest common prefix; among equals the one that was used longest ago. Null: none is free. */
  claim(wish: ClaimWish): SequenceClaim | null {
    let best: SequenceClaim | null = null
    for (const sequence of this.sequences) {
      if (sequence.busy) continue
      const reusable = wish.reuse ? reusableTokens(sequence, wish) : 0
      if (
        best === null ||
        reusable > best.reusable ||
        (reusable === best.reusable && prefers(sequence, best.sequence))
      )
        best = { sequence, reusable }
    }
    if (best === null) return null
    best.sequence.busy = true
    best.sequence.adapterKey = wish.adapterKey
    best.sequence.owner = wish.owner
    return best
  }

  release(sequence: Sequence): void {
    sequence.busy = false
    this.#clock += 1
    sequence.usedAt = this.#clock
  }
}

/** An empty sequence costs nobody a prefix; then the one used longest ago. */
function prefers(candidate: Sequence, other: Sequence): boolean {
  if ((candidate.tokens.length === 0) !== (other.tokens.length === 0)) return candidate.tokens.length === 0
  return candidate.usedAt < other.usedAt
}

function reusableTokens(sequence: Sequence, wish: ClaimWish): number {
  if (sequence.adapterKey !== wish.adapterKey || sequence.owner !== wish.owner) return 0
  // The last token of a prompt is always computed: its logits choose the first token of the answer.
  const most = Math.min(sequence.tokens.length, wish.prompt.length - 1)
  let common = 0
  while (common < most && sequence.tokens[common] === wish.prompt[common]) common++
  if (wish.wholeOnly && common !== sequence.tokens.length) return 0
  return common
}

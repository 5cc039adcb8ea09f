// Which sequence of the context a stream gets, and what each sequence still holds: a growing chat finds its computed prefix
// again. Pure: the caller does the cutting. A prefix tree and a disk tier would take this file's place.
import { BLOCK_ROWS } from "./step-planner.ts"

export interface Sequence {
  readonly id: number
  /** Tokens whose results the context holds, by position. */
  readonly tokens: number[]
  /** How many of them, from the first, were computed as a prompt in whole blocks: computed anew, they are the same bits. */
  exact: number
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
  /** Only what gives the same bits as computing it anew. */
  readonly exactly: boolean
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
      exact: 0,
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

/** Forgets what comes after the first `count` tokens; the context is cut by the caller. */
export function truncate(sequence: Sequence, count: number): void {
  sequence.tokens.length = count
  sequence.exact = Math.min(sequence.exact, count - (count % BLOCK_ROWS))
}

/** Takes up tokens that were computed in one batch. */
export function extend(sequence: Sequence, tokens: readonly number[]): void {
  const isWhole = sequence.exact === sequence.tokens.length
  if (isWhole && tokens.length > 1) sequence.exact += tokens.length - (tokens.length % BLOCK_ROWS)
  for (const token of tokens) sequence.tokens.push(token)
}

function reusableTokens(sequence: Sequence, wish: ClaimWish): number {
  if (sequence.adapterKey !== wish.adapterKey || sequence.owner !== wish.owner) return 0
  // The last token of a prompt is always computed: its logits choose the first token of the answer.
  const most = Math.min(sequence.tokens.length, wish.prompt.length - 1)
  let common = 0
  while (common < most && sequence.tokens[common] === wish.prompt[common]) common++
  if (wish.exactly) common = exactly(common, sequence, wish)
  if (wish.wholeOnly && common !== sequence.tokens.length) return 0
  return common
}

/** At a block's end, with a block at least left to compute: a few rows take another path through the kernels than many. */
function exactly(common: number, { exact }: Sequence, { prompt }: ClaimWish): number {
  const most = Math.min(common, exact, prompt.length - BLOCK_ROWS)
  return Math.max(0, most - (most % BLOCK_ROWS))
}

// A sequence of the context: what it holds, and who computes in it.
import { BLOCK_ROWS } from "../step-planner.ts"

/** What a run of computed tokens is good for, wherever its results are: in a sequence, in main memory, in a file. */
export interface Line {
  /** Tokens whose results are held, by position. */
  readonly tokens: readonly number[]
  /** How many of them, from the first, were computed as a prompt in whole blocks: computed anew, they are the same bits. */
  readonly exact: number
  /** The adapters that they were computed with. */
  readonly adapterKey: string
  /** Whose tokens they are: how much of a prompt is known already would tell others what was said. */
  readonly owner: string | undefined
  /** How many, from the first, are system prompt and template, which every owner may use. */
  readonly sharedTokens: number
  /** What it belongs to and goes with: a conversation. */
  readonly label: string | undefined
  /** May it be written to disk? */
  readonly onDisk: boolean
}

export interface Sequence extends Line {
  readonly id: number
  readonly tokens: number[]
  exact: number
  adapterKey: string
  owner: string | undefined
  sharedTokens: number
  label: string | undefined
  onDisk: boolean
  busy: boolean
  /** By order of release; the smallest was used longest ago. */
  usedAt: number
}

export function createSequence(id: number): Sequence {
  return {
    id,
    tokens: [],
    exact: 0,
    adapterKey: "",
    owner: undefined,
    sharedTokens: 0,
    label: undefined,
    onDisk: true,
    busy: false,
    usedAt: 0,
  }
}

/** Forgets what comes after the first `count` tokens; the context is cut by the caller. */
export function truncate(sequence: Sequence, count: number): void {
  sequence.tokens.length = Math.min(sequence.tokens.length, count)
  sequence.exact = Math.min(sequence.exact, count - (count % BLOCK_ROWS))
}

/** Takes up tokens that were computed in one batch. */
export function extend(sequence: Sequence, tokens: readonly number[]): void {
  const isWhole = sequence.exact === sequence.tokens.length
  if (isWhole && tokens.length > 1) sequence.exact += tokens.length - (tokens.length % BLOCK_ROWS)
  for (const token of tokens) sequence.tokens.push(token)
}

/** The memory holds what `line` says from here on. */
export function takeUp(sequence: Sequence, line: Pick<Line, "tokens" | "exact">): void {
  sequence.tokens.length = 0
  for (const token of line.tokens) sequence.tokens.push(token)
  sequence.exact = line.exact
}

// How much of a line a prompt may use, once the tree has said how far they are alike.
import { BLOCK_KERNEL_FROM } from "../block-worth.ts"
import { BLOCK_ROWS } from "../step-planner.ts"
import type { Line } from "./sequence.ts"

export interface PrefixWish {
  readonly prompt: readonly number[]
  readonly adapterKey: string
  readonly owner: string | undefined
  /** How many tokens of the prompt, from the first, are system prompt and template. */
  readonly sharedTokens: number
  /** Only what gives the same bits as computing it anew. */
  readonly exactly: boolean
  /** Its memory can only be continued or dropped, not cut. */
  readonly wholeOnly: boolean
  /**
   * From so many rows on a whole block is computed sooner than they are. Null: attention has no faster kernel for whole blocks, as over a
   * quantised cache.
   */
  readonly nearlyBlockRows: number | null
}

/** Tokens of `line` that need not be computed again for a prompt with `common` tokens alike; 0: none. */
export function usableTokens(line: Line, common: number, wish: PrefixWish): number {
  if (line.adapterKey !== wish.adapterKey) return 0
  // The last token of a prompt is always computed: its logits choose the first token of the answer.
  let usable = Math.min(common, wish.prompt.length - 1)
  if (line.owner !== wish.owner) usable = Math.min(usable, line.sharedTokens, wish.sharedTokens)
  if (wish.exactly) usable = wholeBlocks(Math.min(usable, line.exact, wish.prompt.length - BLOCK_ROWS))
  if (wish.nearlyBlockRows !== null && !wish.wholeOnly)
    usable = fillBlock(usable, wish.prompt.length, wish.nearlyBlockRows)
  if (wish.wholeOnly && usable !== line.tokens.length) return 0
  return usable
}

/**
 * Gives up the tokens that are missing to a block: measured at depth 1,500, SmolLM2-135M, ms: 48 rows 208, 63 rows 273, 64 rows 173 (where
 * the model has no such kernel, Gemma 3 270M: 117, 150, 153).
 */
function fillBlock(usable: number, promptTokens: number, nearlyBlockRows: number): number {
  const rows = promptTokens - usable
  const isNearly = rows >= nearlyBlockRows && rows < BLOCK_ROWS && promptTokens > BLOCK_KERNEL_FROM
  return isNearly ? Math.max(0, promptTokens - BLOCK_ROWS) : usable
}

/** To a block's end, with a block at least left to compute: a few rows take another path through the kernels than many. */
function wholeBlocks(count: number): number {
  return Math.max(0, count - (count % BLOCK_ROWS))
}

// How much of a line a prompt may use, once the tree has said how far they are alike.
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
}

/** Tokens of `line` that need not be computed again for a prompt with `common` tokens alike; 0: none. */
export function usableTokens(line: Line, common: number, wish: PrefixWish): number {
  if (line.adapterKey !== wish.adapterKey) return 0
  // The last token of a prompt is always computed: its logits choose the first token of the answer.
  let usable = Math.min(common, wish.prompt.length - 1)
  if (line.owner !== wish.owner) usable = Math.min(usable, line.sharedTokens, wish.sharedTokens)
  if (wish.exactly) usable = wholeBlocks(Math.min(usable, line.exact, wish.prompt.length - BLOCK_ROWS))
  if (wish.wholeOnly && usable !== line.tokens.length) return 0
  return usable
}

/** To a block's end, with a block at least left to compute: a few rows take another path through the kernels than many. */
function wholeBlocks(count: number): number {
  return Math.max(0, count - (count % BLOCK_ROWS))
}

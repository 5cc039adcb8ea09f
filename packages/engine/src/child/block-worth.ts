// When a whole block of a prompt is computed sooner than fewer rows of it: measured on this machine with this model, as it serves.
import { createRunningMedian } from "./running-median.ts"
import { BLOCK_ROWS } from "./step-planner.ts"

/** Where the library's attention begins to compute few rows another way, cells. */
export const BLOCK_KERNEL_FROM = 512
/** Before both were measured: SmolLM2-135M without a matrix unit, where 53 rows take as long as a block. */
const UNMEASURED_ROWS = 52
/** Fewer take too little time for what they say to be worth much, and are never made up to a block. */
const LEAST_FEW_ROWS = 16
/** With fewer missing the block is tried all the same, so that its time is known. */
const MOST_ROWS = 60
/** A block alone takes up to so many times its rows in a large batch (64 with nine heads, `docs/benchmarks`). */
const ALONE = 1.5
const KEPT = 9

/** A batch of one prompt and nothing else. */
export interface PromptBatch {
  readonly rows: number
  /** Tokens behind it. */
  readonly depth: number
  readonly durationMs: number
}

export interface BlockWorth {
  record(batch: PromptBatch): void
  /** From so many rows on a block is computed sooner, 16 to 60. `msPerRow`: of large batches; 0: not known yet. */
  leastRows(msPerRow: number): number
}

export function createBlockWorth(): BlockWorth {
  /** Of one row, milliseconds. */
  const few = createRunningMedian(KEPT)
  /** Of a whole block, milliseconds. */
  const block = createRunningMedian(KEPT)
  return {
    record: ({ rows, depth, durationMs }) => {
      if (depth < BLOCK_KERNEL_FROM) return
      if (rows === BLOCK_ROWS) block.add(durationMs)
      else if (rows >= LEAST_FEW_ROWS && rows < BLOCK_ROWS) few.add(durationMs / rows)
    },
    leastRows: (msPerRow) => {
      if (few.count === 0) return UNMEASURED_ROWS
      if (block.count > 0) return clamp(block.median / few.median, MOST_ROWS)
      return msPerRow > 0
        ? clamp((ALONE * BLOCK_ROWS * msPerRow) / few.median, UNMEASURED_ROWS)
        : UNMEASURED_ROWS
    },
  }
}

function clamp(rows: number, most: number): number {
  return Math.min(most, Math.max(LEAST_FEW_ROWS, Math.ceil(rows)))
}

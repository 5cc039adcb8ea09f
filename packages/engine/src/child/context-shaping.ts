// Which shape the context should have for the requests that there are, and when it takes it.
import type { LoadPlan } from "@fireside/fit"
import type { NativeContext } from "./native/context.ts"
import { type Beginning, haveMuchInCommon } from "./prefix/common-beginnings.ts"
import type { PrefixMemory } from "./prefix/prefix-memory.ts"

/** How often the context may take another shape while streams run, when it need not. */
const RESHAPE_EVERY_MS = 30_000
/** What is held of a prompt goes to main memory and comes back in a moment; with more than so much the others are left where they are. */
const LITTLE_HELD = 256

/** For the answer, where a crowd comes and the context is made anew anyway. */
const ANSWER_TOKENS = 256

export interface ContextShapingOptions {
  readonly context: Pick<
    NativeContext,
    "reshape" | "share" | "sequences" | "mostSequences" | "cellsPerSequence"
  >
  readonly memory: PrefixMemory
  readonly plan: LoadPlan
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

export interface ContextShaping {
  /**
   * Gives the context the shape that the requests want: a sequence for each, and common cells where they have much in common. It moves what
   * is held, so only when it must, when nobody waits for the next token, or now and then.
   */
  fit(running: readonly Beginning[], waiting: readonly Beginning[]): void
  /** Gives each sequence cells of its own. True: they were common, and fewer than all streams may need. */
  separate(): boolean
  /** Gives each sequence more cells of its own. False: they are common, or as many as there may be. */
  lengthen(streams: readonly Beginning[]): boolean
}

export function createContextShaping({ context, memory, plan, now }: ContextShapingOptions): ContextShaping {
  let shapedAt = Number.NEGATIVE_INFINITY
  /** Whoever came last when the prompts were compared: a queue that stands still says the same again. */
  let compared: Beginning | undefined

  const wantsCommonCells = (streams: readonly Beginning[]) =>
    plan.sharesCells ?? (plan.deterministic !== true && haveMuchInCommon(streams))
  /** What moves brings its beginning along, each its own; common cells have room for one whole context at least. */
  const canMoveTogether = (running: readonly Beginning[]) =>
    plan.sharesCells === true ||
    running.reduce((sum, { tokens }) => sum + tokens.length, 0) <= plan.contextLength

  const lengthOf = (streams: readonly Beginning[]) =>
    Math.max(...streams.map(({ tokens }) => tokens.length)) + ANSWER_TOKENS

  return {
    fit(running, waiting) {
      const newest = waiting.at(-1)
      if (context.reshape === null || newest === undefined) return
      const isShared = context.share !== null
      if (running.length === 0 && waiting.length === 1) {
        // Whoever is alone shares with nobody, and looks through what the others left in the common cells: a sixth longer for a small model's token.
        const little = Math.max(newest.tokens.length / 2, LITTLE_HELD)
        if (isShared && memory.longestMatch(newest.tokens) < little) memory.dropFree()
        return
      }
      const count = running.length + waiting.length
      const grows = Math.min(count, context.mostSequences) > context.sequences
      const isKnown = newest === compared || now() < shapedAt + RESHAPE_EVERY_MS
      if (!grows && running.length > 0 && isKnown) return
      compared = newest
      const wanted = wantsCommonCells([...running, ...waiting])
      if (!grows && wanted === isShared) return
      const sharesCells = wanted && canMoveTogether(running)
      if (!grows && sharesCells === isShared) return
      shapedAt = now()
      // Lines with a common beginning would each bring it along.
      if (sharesCells || isShared) memory.dropFree()
      context.reshape({ sequences: count, cellsPerSequence: lengthOf([...running, ...waiting]), sharesCells })
      memory.grow(context.sequences)
    },
    separate() {
      if (context.reshape === null || context.share === null || plan.sharesCells === true) return false
      shapedAt = now()
      // As many as each holds.
      context.reshape({ sequences: context.sequences, cellsPerSequence: 0, sharesCells: false })
      return context.share === null
    },
    lengthen(streams) {
      const { reshape, share, sequences, cellsPerSequence: cells } = context
      if (reshape === null || share !== null || cells >= plan.contextLength) return false
      reshape({ sequences, cellsPerSequence: Math.max(cells + 1, lengthOf(streams)), sharesCells: false })
      return context.cellsPerSequence > cells
    },
  }
}

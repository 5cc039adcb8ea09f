// The contexts of one loaded model: the one that all streams share, and one for a long prompt beside running streams.
import { type LoadPlan, outputRowsOf } from "@fireside/fit"
import {
  type ContextOptions,
  type ContextShape,
  createContext,
  type NativeContext,
} from "./native/context.ts"
import { createElasticContext } from "./native/elastic-context.ts"
import type { NativeLibrary } from "./native/library.ts"
import type { NativeModel } from "./native/model.ts"
import { createStateMemory } from "./native/state-memory.ts"
import { createThreadPool } from "./native/threads.ts"
import type { ApartContext } from "./preemption/apart-prompt.ts"

/** So many sequences have the cells of one: the memory of new ones costs half a second a gigabyte. */
const COMMON_CELLS_FOR = 4
/** A sequence begins with so many cells, and gets twice as many when they are full: to clear the memory of a small model takes 0.1 s a thousand. */
const FIRST_CELLS = 1_024
/** Cells come in so many: another prompt of about the same length may take the context over, and to clear them takes 0.1 s a thousand. */
const APART_CELLS = 1_024
/** A context apart takes no more than this share of the memory that is free. */
const FREE_SHARE = 0.5

export interface ContextParts extends Pick<ContextOptions, "pool"> {
  readonly library: NativeLibrary
  readonly model: NativeModel
  readonly plan: LoadPlan
}

/** A context of one short sequence that takes other shapes where that is possible; else of all streams and their whole length from the start. */
export function openContext(parts: ContextParts): NativeContext {
  const { model, plan, pool } = parts
  // Of all shapes that the context takes.
  const stateMemory = createStateMemory()
  const create = ({ sequences, sharesCells, cellsPerSequence }: ContextShape) =>
    createContext(parts.library, model, {
      ...optionsOf(plan),
      cellsPerSequence: sharesCells ? plan.contextLength : cellsPerSequence,
      sequences,
      sharesCells,
      // What is common is held once. Where it is not enough the sequences get cells of their own, see `Serving`.
      ...(sharesCells && plan.sharesCells === undefined
        ? { cells: plan.contextLength * Math.ceil(sequences / COMMON_CELLS_FOR) }
        : {}),
      pool,
      stateMemory,
    })
  const sharesCells = plan.sharesCells ?? false
  const most = { sequences: plan.streams, cellsPerSequence: plan.contextLength }
  const first = { sequences: 1, cellsPerSequence: Math.min(FIRST_CELLS, plan.contextLength), sharesCells }
  return hasPortableStates(parts)
    ? createElasticContext({ create, first, most })
    : create({ ...most, sharesCells })
}

/**
 * May what a context has computed go on in one of another length, or of other sequences? A sliding window and a recurrent state are saved in
 * forms of their own; with two sets of rope factors the length of the context decides which of them was used.
 */
export function hasPortableStates({ model, plan }: Pick<ContextParts, "model" | "plan">): boolean {
  return model.slidingWindow <= 0 && !model.isRecurrent && plan.fixedContext !== true
}

/** Where a GPU computes, its graph does not stop between two nodes. */
export function canOpenApart(parts: ContextParts): boolean {
  return hasPortableStates(parts) && parts.plan.gpuLayers === 0
}

/** Null: there is no memory for it, or no threads. Throws `load-failed` as `createContext`. */
export function openApart(parts: ContextParts, cells: number): ApartContext | null {
  const { library, model, plan } = parts
  const cellsPerSequence = APART_CELLS * Math.ceil(cells / APART_CELLS)
  const { kvBytes, computeBytes } = plan.memory
  const neededBytes = (kvBytes / plan.streams) * (cellsPerSequence / plan.contextLength) + computeBytes
  if (neededBytes > FREE_SHARE * process.availableMemory()) return null
  const pool = createThreadPool(library, { ...plan, gives: true })
  if (pool === null) return null
  const create = ({ sequences, sharesCells }: ContextShape) =>
    createContext(library, model, { ...optionsOf(plan), cellsPerSequence, sequences, sharesCells, pool })
  try {
    const shape = { sequences: 1, cellsPerSequence, sharesCells: false }
    const context = createElasticContext({ create, first: shape, most: shape })
    return {
      context,
      cells: cellsPerSequence,
      // Threads that spin at a barrier would hold up those of the turn at each of its own.
      threadsForTurns: (threads) => (pool.gives ? threads : 1),
      [Symbol.dispose]: () => {
        context[Symbol.dispose]()
        pool[Symbol.dispose]()
      },
    }
  } catch (error) {
    pool[Symbol.dispose]()
    throw error
  }
}

function optionsOf(plan: LoadPlan) {
  const { batchRows, microBatchRows, kvType, threads } = plan
  return { batchRows, microBatchRows, kvType, threads, outputRows: outputRowsOf(plan) }
}

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
/** Cells come in so many: another prompt of about the same length may take the context over, and to clear them takes 0.1 s a thousand. */
const APART_CELLS = 1_024
/** A context apart takes no more than this share of the memory that is free. */
const FREE_SHARE = 0.5

export interface ContextParts extends Pick<ContextOptions, "pool"> {
  readonly library: NativeLibrary
  readonly model: NativeModel
  readonly plan: LoadPlan
}

/** A context of one sequence that takes other shapes where that is possible; else of all streams from the start. */
export function openContext(parts: ContextParts): NativeContext {
  const { model, plan, pool } = parts
  // Of all shapes that the context takes.
  const stateMemory = createStateMemory()
  const create = ({ sequences, sharesCells }: ContextShape) =>
    createContext(parts.library, model, {
      ...optionsOf(plan),
      cellsPerSequence: plan.contextLength,
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
  return hasPortableStates(model)
    ? createElasticContext({ create, first: { sequences: 1, sharesCells }, most: plan.streams })
    : create({ sequences: plan.streams, sharesCells })
}

/** A sliding window and a recurrent state are saved in forms of their own. */
export function hasPortableStates(model: NativeModel): boolean {
  return model.slidingWindow <= 0 && !model.isRecurrent
}

/** Where a GPU computes, its graph does not stop between two nodes. */
export function canOpenApart({ model, plan }: ContextParts): boolean {
  return hasPortableStates(model) && plan.gpuLayers === 0
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
    const context = createElasticContext({ create, first: { sequences: 1, sharesCells: false }, most: 1 })
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

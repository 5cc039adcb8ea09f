// Contexts that make vectors of texts: one sequence a text, all of them in one micro-batch.
import { type ContextOptions, createContext, type NativeContext } from "./native/context.ts"
import type { NativeLibrary } from "./native/library.ts"
import type { NativeModel } from "./native/model.ts"

/** More gain nothing: so many of the shortest texts already fill the kernels. */
export const TEXTS_PER_DECODE = 64

export interface EmbeddingContextOptions extends Pick<ContextOptions, "threads" | "pool"> {
  readonly library: NativeLibrary
  readonly model: NativeModel
}

/** Throws `load-failed` when there is no memory for it. */
export function createEmbeddingContext(
  { library, model, threads, pool }: EmbeddingContextOptions,
  rows: number,
): NativeContext {
  return createContext(library, model, {
    threads,
    pool,
    cellsPerSequence: rows,
    sequences: TEXTS_PER_DECODE,
    batchRows: rows,
    microBatchRows: rows,
    kvType: "f16",
    embeddings: model.hasPooling ? "as-model" : "mean",
  })
}

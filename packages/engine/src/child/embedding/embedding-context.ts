// Contexts that make vectors of texts: one sequence a text, all of them in one micro-batch.
import { type ContextOptions, createContext, type NativeContext } from "../native/context.ts"
import type { NativeLibrary } from "../native/library.ts"
import type { NativeModel } from "../native/model.ts"
import { createVectorsBeforeHead, type GraphTensors } from "./vectors-before-head.ts"

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
  const create = (onNode?: ContextOptions["onNode"]): NativeContext =>
    createContext(library, model, {
      threads,
      pool,
      cellsPerSequence: rows,
      sequences: TEXTS_PER_DECODE,
      batchRows: rows,
      microBatchRows: rows,
      kvType: "f16",
      embeddings: model.hasPooling ? "as-model" : "mean",
      ...(onNode === undefined ? {} : { onNode }),
    })
  if (!model.canGenerate) return create()
  return createVectorsBeforeHead({
    tensors: tensorsOf(library),
    vectorLength: model.embeddingLength,
    open: (onNode) => {
      const context = create(onNode)
      return { context, pooling: library.functions.llama_pooling_type(context.pointer) }
    },
  })
}

const FLOAT_BYTES = 4

function tensorsOf({ functions }: NativeLibrary): GraphTensors {
  return {
    nameOf: (tensor) => functions.ggml_get_name(tensor),
    read: (tensor, floats) => {
      const bytes = floats * FLOAT_BYTES
      if (Number(functions.ggml_nbytes(tensor)) !== bytes) return null
      const values = new Float32Array(floats)
      functions.ggml_backend_tensor_get(tensor, values, 0, bytes)
      return values
    },
  }
}

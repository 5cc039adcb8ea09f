// Whether a model can promise the same text for the same input, whatever shares its batches and wherever its prefix comes from.
// Arithmetic of floats is not associative: it holds only where every kernel adds up in one order for any number of rows.
import type { GgufHeader } from "@fireside/gguf"
import { canQuantizeKv } from "./memory-need.ts"
import { isShape, type ModelShape, readShape } from "./model-shape.ts"

/**
 * Types whose kernels gave equal bits for 1, 2, 3, 4, 8, 16, 32 and 64 rows and for one and two threads (llama.cpp v0.5.0, real
 * weights, 1,100 cells in use, cache q8_0). Q4_K and Q5_0 do not: their kernels change at 4 rows.
 */
const PROVEN_TYPES: readonly string[] = Object.freeze(["Q4_0", "Q4_1", "Q8_0"])

export type DeterministicVerdict =
  | { readonly possible: true }
  | {
      readonly possible: false
      /** A sentence that names what stands in the way. */
      readonly why: string
      /** What to do. */
      readonly hint: string
    }

/** What the file alone says. The processor has a say too: the engine compares its kernels' bits when it loads the model. */
export function deterministicVerdict(model: GgufHeader | ModelShape): DeterministicVerdict {
  const shape = isShape(model) ? model : readShape(model)
  const others = typesOf(shape).filter((type) => !PROVEN_TYPES.includes(type))
  if (others.length > 0)
    return {
      possible: false,
      why: `It has weights of ${others.join(", ")}, whose results depend on what is computed beside them; those of ${PROVEN_TYPES.join(", ")} do not.`,
      hint: "Take a Q8_0 or Q4_0 file of the model.",
    }
  const structure = unprovenStructure(shape)
  if (structure !== undefined)
    return {
      possible: false,
      why: structure,
      hint: "Take another model, or load it without deterministic mode.",
    }
  return { possible: true }
}

/** Of the matrices that rows are multiplied with. A table that is only looked up computes nothing. */
function typesOf(shape: ModelShape): readonly string[] {
  const types = Object.keys(shape.matrixBytes)
  const tied = shape.tiedBytes > 0 ? [shape.tiedType] : []
  return [...new Set([...types, ...tied])].sort()
}

function unprovenStructure(shape: ModelShape): string | undefined {
  if (shape.experts > 0)
    return "It is a mixture of experts: how many rows an expert computes at once depends on the others."
  if (shape.recurrentBytes > 0) return "It has recurrent layers, which nothing is proven of."
  if (shape.valueLength === 0)
    return "It keeps one latent vector in place of keys and values, which nothing is proven of."
  if (!canQuantizeKv(shape))
    return `Its cache cannot be q8_0: heads of ${shape.keyLength} are not whole blocks of 32.`
  return undefined
}

// Proves that calls into the library compute what they should: a model of known weights must choose known tokens.
import { createContext } from "./context.ts"
import type { NativeLibrary } from "./library.ts"
import { loadModel } from "./model.ts"

const CELLS = 256

/** The token with the largest logit after each of `tokens`. */
export function argmaxOfEach(
  library: NativeLibrary,
  path: string,
  tokens: readonly number[],
): readonly number[] {
  using model = loadModel(library, { path, useMmap: false, gpuLayers: 0 })
  using context = createContext(library, model, {
    cellsPerSequence: CELLS,
    sequences: 1,
    batchRows: CELLS,
    microBatchRows: CELLS,
    kvType: "f16",
    threads: 1,
    pool: null,
  })
  return tokens.map((token, position) => {
    context.clear()
    const row = context.addRow(token, position, 0, true)
    const result = context.decode()
    if (result !== "done") throw new Error(`llama_decode of the self-test: ${result}`)
    const logits = context.logits(row)
    return logits.reduce((best, logit, id) => (logit > (logits[best] ?? 0) ? id : best), 0)
  })
}

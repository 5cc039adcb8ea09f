// A model of known weights, made in code: two layers, 64 tokens, no vocabulary.
import { type TwoLayerShape, twoLayerLlama } from "./two-layer-llama.ts"

export const SELF_TEST_TOKENS: readonly number[] = [54, 40, 26, 12]
/**
 * What llama.cpp v0.5.0 chooses after each of these tokens. The best logit leads the second by 1.4 at least, far more than the
 * variants for different processors differ, so one list holds everywhere.
 */
export const SELF_TEST_ARGMAX: readonly number[] = [40, 27, 58, 29]

const SHAPE: TwoLayerShape = Object.freeze({
  vocabulary: 64,
  contextLength: 256,
  embedding: 64,
  feedForward: 128,
  heads: 4,
  kvHeads: 2,
})

export function selfTestModel(): Promise<Uint8Array> {
  const random = weights()
  return twoLayerLlama(SHAPE, (input, output) => {
    // Wide enough that attention matters, and the choice is clear.
    const values = Float32Array.from({ length: input * output }, () => (random() * 4) / Math.sqrt(input))
    return { type: "F32", data: new Uint8Array(values.buffer) }
  })
}

/** Numbers in −1…1, the same each time (a linear congruential generator, Numerical Recipes). */
function weights(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

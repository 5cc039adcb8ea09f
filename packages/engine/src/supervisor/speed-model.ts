// A model whose only use is its speed: two layers as wide as those of a small chat model, all matrices of one type, a small vocabulary.
import { type EncodableType, ggmlType, quantise, tensorBytes } from "@fireside/gguf"
import { kvWidth, LAYERS, type TwoLayerShape, twoLayerLlama } from "./two-layer-llama.ts"

/** The types that most model files have. Those that we cannot encode get random blocks: speed does not depend on the values. */
export const SPEED_TYPES = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q6_K", "F16"] as const
export type SpeedType = (typeof SPEED_TYPES)[number]

const SHAPE: TwoLayerShape = Object.freeze({
  vocabulary: 256,
  contextLength: 2_048,
  embedding: 768,
  feedForward: 2_048,
  heads: 12,
  kvHeads: 4,
})

/** Weights that each token is multiplied with. */
export const SPEED_MODEL_WEIGHTS =
  LAYERS * SHAPE.embedding * (2 * SHAPE.embedding + 2 * kvWidth(SHAPE) + 3 * SHAPE.feedForward) +
  SHAPE.vocabulary * SHAPE.embedding

export function speedModel(type: SpeedType): Promise<Uint8Array> {
  const blocks = repeatedBlocks(type)
  return twoLayerLlama(SHAPE, (input, output) => ({
    type,
    data: tiled(blocks, tensorBytes(type, [input, output])),
  }))
}

/** A few thousand values, so that making a model costs milliseconds. A whole number of blocks of every type. */
const VALUES = 4_096

function repeatedBlocks(type: SpeedType): Uint8Array {
  const random = numbers()
  if (type !== "Q4_K" && type !== "Q6_K")
    return quantise(
      type satisfies EncodableType,
      Float32Array.from({ length: VALUES }, () => random() / 16),
    )
  const { itemsPerBlock = 1, bytesPerBlock = 1 } = ggmlType(type) ?? {}
  const bytes = Uint8Array.from(
    { length: (VALUES / itemsPerBlock) * bytesPerBlock },
    () => (random() + 1) * 127,
  )
  // The halves that scale a block: chance would make infinities of some.
  const halves = type === "Q4_K" ? [0, 2] : [208]
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < bytes.length; at += bytesPerBlock)
    for (const offset of halves) view.setUint16(at + offset, SMALL_HALF, true)
  return bytes
}

/** 2⁻¹² in half precision. */
const SMALL_HALF = 0x0c00

function* tiled(block: Uint8Array, sizeBytes: number): Generator<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= block.length)
    yield left >= block.length ? block : block.subarray(0, left)
}

/** Numbers in −1…1, the same each time (a linear congruential generator, Numerical Recipes). */
function numbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

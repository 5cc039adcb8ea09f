// A model whose only use is its speed: two layers as wide as those of a small chat model, all matrices of one type, a small vocabulary.
import {
  type EncodableType,
  ggmlType,
  quantise,
  tensorBytes,
  type WritableTensor,
  writeGguf,
} from "@fireside/gguf"

/** The types that most model files have. Those that we cannot encode get random blocks: speed does not depend on the values. */
export const SPEED_TYPES = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q6_K", "F16"] as const
export type SpeedType = (typeof SPEED_TYPES)[number]

const VOCABULARY = 256
const EMBEDDING = 768
const FEED_FORWARD = 2_048
const HEADS = 12
const KV_HEADS = 4
const LAYERS = 2
const KV_WIDTH = (EMBEDDING / HEADS) * KV_HEADS

/** Weights that each token is multiplied with. */
export const SPEED_MODEL_WEIGHTS =
  LAYERS * (2 * EMBEDDING * EMBEDDING + 2 * EMBEDDING * KV_WIDTH + 3 * EMBEDDING * FEED_FORWARD) +
  VOCABULARY * EMBEDDING

export async function speedModel(type: SpeedType): Promise<Uint8Array> {
  const blocks = repeatedBlocks(type)
  const matrix = (name: string, input: number, output: number): WritableTensor => {
    const dimensions = [input, output]
    return { name, dimensions, type, data: tiled(blocks, tensorBytes(type, dimensions)) }
  }
  const norm = (name: string): WritableTensor => {
    const values = new Float32Array(EMBEDDING).fill(1)
    return { name, dimensions: [EMBEDDING], type: "F32", data: new Uint8Array(values.buffer) }
  }
  const layers = Array.from({ length: LAYERS }, (_, layer) => [
    norm(`blk.${layer}.attn_norm.weight`),
    matrix(`blk.${layer}.attn_q.weight`, EMBEDDING, EMBEDDING),
    matrix(`blk.${layer}.attn_k.weight`, EMBEDDING, KV_WIDTH),
    matrix(`blk.${layer}.attn_v.weight`, EMBEDDING, KV_WIDTH),
    matrix(`blk.${layer}.attn_output.weight`, EMBEDDING, EMBEDDING),
    norm(`blk.${layer}.ffn_norm.weight`),
    matrix(`blk.${layer}.ffn_gate.weight`, EMBEDDING, FEED_FORWARD),
    matrix(`blk.${layer}.ffn_up.weight`, EMBEDDING, FEED_FORWARD),
    matrix(`blk.${layer}.ffn_down.weight`, FEED_FORWARD, EMBEDDING),
  ])
  const chunks: Uint8Array[] = []
  await writeGguf(
    {
      metadata: [
        ["general.architecture", { type: "string", value: "llama" }],
        ["llama.vocab_size", { type: "uint32", value: VOCABULARY }],
        ["llama.context_length", { type: "uint32", value: 2_048 }],
        ["llama.embedding_length", { type: "uint32", value: EMBEDDING }],
        ["llama.block_count", { type: "uint32", value: LAYERS }],
        ["llama.feed_forward_length", { type: "uint32", value: FEED_FORWARD }],
        ["llama.attention.head_count", { type: "uint32", value: HEADS }],
        ["llama.attention.head_count_kv", { type: "uint32", value: KV_HEADS }],
        ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: 1e-5 }],
        ["tokenizer.ggml.model", { type: "string", value: "no_vocab" }],
      ],
      tensors: [
        matrix("token_embd.weight", EMBEDDING, VOCABULARY),
        ...layers.flat(),
        norm("output_norm.weight"),
        matrix("output.weight", EMBEDDING, VOCABULARY),
      ],
    },
    (bytes) => void chunks.push(bytes),
  )
  return Buffer.concat(chunks)
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

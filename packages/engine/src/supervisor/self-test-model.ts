// A model of known weights, made in code: two layers, 64 tokens, no vocabulary.
import { writeGguf } from "@fireside/gguf"

export const SELF_TEST_TOKENS: readonly number[] = [54, 40, 26, 12]
/**
 * What llama.cpp v0.5.0 chooses after each of these tokens. The best logit leads the second by 1.4 at least, far more than the
 * variants for different processors differ, so one list holds everywhere.
 */
export const SELF_TEST_ARGMAX: readonly number[] = [40, 27, 58, 29]

const VOCABULARY = 64
const EMBEDDING = 64
const FEED_FORWARD = 128
const HEADS = 4
const KV_HEADS = 2
const LAYERS = 2

export async function selfTestModel(): Promise<Uint8Array> {
  const random = weights()
  const matrix = (name: string, input: number, output: number) => {
    // Wide enough that attention matters, and the choice is clear.
    const values = Float32Array.from({ length: input * output }, () => (random() * 4) / Math.sqrt(input))
    return { name, dimensions: [input, output], type: "F32", data: new Uint8Array(values.buffer) }
  }
  const norm = (name: string) => {
    const values = new Float32Array(EMBEDDING).fill(1)
    return { name, dimensions: [EMBEDDING], type: "F32", data: new Uint8Array(values.buffer) }
  }
  const kv = (EMBEDDING / HEADS) * KV_HEADS
  const layers = Array.from({ length: LAYERS }, (_, layer) => [
    norm(`blk.${layer}.attn_norm.weight`),
    matrix(`blk.${layer}.attn_q.weight`, EMBEDDING, EMBEDDING),
    matrix(`blk.${layer}.attn_k.weight`, EMBEDDING, kv),
    matrix(`blk.${layer}.attn_v.weight`, EMBEDDING, kv),
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
        ["llama.context_length", { type: "uint32", value: 256 }],
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
    (bytes) => void chunks.push(bytes.slice()),
  )
  return Buffer.concat(chunks)
}

/** Numbers in −1…1, the same each time (a linear congruential generator, Numerical Recipes). */
function weights(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

// A model of two layers of the llama architecture, without a vocabulary, made in code: what goes into its matrices is the caller's.
import { type WritableTensor, writeGguf } from "@fireside/gguf"

export interface TwoLayerShape {
  readonly vocabulary: number
  readonly contextLength: number
  readonly embedding: number
  readonly feedForward: number
  readonly heads: number
  readonly kvHeads: number
}

export const LAYERS = 2

/** Elements of a row of keys, or of values. */
export function kvWidth({ embedding, heads, kvHeads }: TwoLayerShape): number {
  return (embedding / heads) * kvHeads
}

/**
 * The bytes of the file. `fill` gives the type and the data of a matrix `[input, output]`; it is asked layer by layer, in the order of the
 * computation, and then for the embedding and the output.
 */
export async function twoLayerLlama(
  shape: TwoLayerShape,
  fill: (input: number, output: number) => Pick<WritableTensor, "type" | "data">,
): Promise<Uint8Array> {
  const { vocabulary, embedding, feedForward } = shape
  const matrix = (name: string, input: number, output: number): WritableTensor => ({
    name,
    dimensions: [input, output],
    ...fill(input, output),
  })
  const norm = (name: string): WritableTensor => {
    const values = new Float32Array(embedding).fill(1)
    return { name, dimensions: [embedding], type: "F32", data: new Uint8Array(values.buffer) }
  }
  const kv = kvWidth(shape)
  const layers = Array.from({ length: LAYERS }, (_, layer) => [
    norm(`blk.${layer}.attn_norm.weight`),
    matrix(`blk.${layer}.attn_q.weight`, embedding, embedding),
    matrix(`blk.${layer}.attn_k.weight`, embedding, kv),
    matrix(`blk.${layer}.attn_v.weight`, embedding, kv),
    matrix(`blk.${layer}.attn_output.weight`, embedding, embedding),
    norm(`blk.${layer}.ffn_norm.weight`),
    matrix(`blk.${layer}.ffn_gate.weight`, embedding, feedForward),
    matrix(`blk.${layer}.ffn_up.weight`, embedding, feedForward),
    matrix(`blk.${layer}.ffn_down.weight`, feedForward, embedding),
  ])
  const chunks: Uint8Array[] = []
  await writeGguf(
    {
      metadata: [
        ["general.architecture", { type: "string", value: "llama" }],
        ["llama.vocab_size", { type: "uint32", value: vocabulary }],
        ["llama.context_length", { type: "uint32", value: shape.contextLength }],
        ["llama.embedding_length", { type: "uint32", value: embedding }],
        ["llama.block_count", { type: "uint32", value: LAYERS }],
        ["llama.feed_forward_length", { type: "uint32", value: feedForward }],
        ["llama.attention.head_count", { type: "uint32", value: shape.heads }],
        ["llama.attention.head_count_kv", { type: "uint32", value: shape.kvHeads }],
        ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: 1e-5 }],
        ["tokenizer.ggml.model", { type: "string", value: "no_vocab" }],
      ],
      tensors: [
        matrix("token_embd.weight", embedding, vocabulary),
        ...layers.flat(),
        norm("output_norm.weight"),
        matrix("output.weight", embedding, vocabulary),
      ],
    },
    (bytes) => void chunks.push(bytes.slice()),
  )
  return Buffer.concat(chunks)
}

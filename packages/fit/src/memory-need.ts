// How many bytes of main memory a plan takes. Arithmetic only; whether they are there is `plan-load.ts`.
import type { KvType, MemoryNeed } from "./load-plan.ts"
import type { ModelShape } from "./model-shape.ts"

/** llama.cpp pads each stream's cells to this many. */
export const CELL_PADDING = 256

/** Bytes of one element of the cache. q8_0: blocks of 32 with one f16 scale. */
const KV_ELEMENT_BYTES: Readonly<Record<KvType, number>> = Object.freeze({ f16: 2, bf16: 2, q8_0: 34 / 32 })

export interface MemoryChoices {
  readonly contextLength: number
  readonly streams: number
  readonly kvType: KvType
  readonly microBatchRows: number
  readonly useMmap: boolean
  readonly embeddings: boolean
  /** Processor features; they decide which weights are repacked. */
  readonly cpuFeatures: readonly string[]
  readonly arch: string
  /** Share of the layers that are in a GPU's own memory, 0…1. Defaults to 0. */
  readonly offloadedShare?: number
}

/** Bytes that `choices` take for `shape`. Saturates at `Number.MAX_SAFE_INTEGER`, so huge claims stay numbers. */
export function needOf(shape: ModelShape, choices: MemoryChoices): MemoryNeed {
  const here = 1 - Math.min(Math.max(choices.offloadedShare ?? 0, 0), 1)
  const weightsBytes = bytes(weightsBytesOf(shape, choices) * here)
  const kvBytes = bytes(kvBytesOf(shape, choices) * here)
  const computeBytes = bytes(computeBytesOf(shape, choices))
  return { weightsBytes, kvBytes, computeBytes, totalBytes: bytes(weightsBytes + kvBytes + computeBytes) }
}

/**
 * Weights in memory. Types with a repacked layout are copied into it: with mmap the file's pages stay beside the copy,
 * without mmap they are read straight into it. A tied embedding table is held twice where its type is repacked (as table
 * and as output matrix). Checked against the `model buffer size` lines of llama.cpp v0.5.0.
 */
export function weightsBytesOf(
  shape: ModelShape,
  choices: Pick<MemoryChoices, "useMmap" | "cpuFeatures" | "arch">,
): number {
  const tiedCopy = isRepacked(shape.tiedType, choices) ? shape.tiedBytes : 0
  return shape.weightsBytes + tiedCopy + (choices.useMmap ? repackedBytesOf(shape, choices) : 0)
}

/** Bytes of weights that the processor's kernels hold in a layout of their own, without a tied table. */
export function repackedBytesOf(
  shape: ModelShape,
  processor: Pick<MemoryChoices, "cpuFeatures" | "arch">,
): number {
  return Object.entries(shape.matrixBytes)
    .filter(([type]) => isRepacked(type, processor))
    .reduce((sum, [, size]) => sum + size, 0)
}

/** Which types have a repacked layout: `ggml_repack_get_optimal_repack_type` of llama.cpp v0.5.0. */
function isRepacked(type: string, processor: Pick<MemoryChoices, "cpuFeatures" | "arch">): boolean {
  const has = (feature: string) => processor.cpuFeatures.includes(feature)
  if (processor.arch === "arm64")
    return ["Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL", "MXFP4"].includes(type)
  if (!has("avx2")) return false
  return ["Q4_0", "Q4_K", "IQ4_NL", "MXFP4"].includes(type) || (type === "Q2_K" && has("avx512f"))
}

/** True when keys and values can be kept as q8_0: whole blocks of 32 a head, or llama.cpp refuses the context. */
export function canQuantizeKv(shape: ModelShape): boolean {
  return shape.keyLength % 32 === 0 && shape.valueLength % 32 === 0
}

/**
 * Keys and values of all streams, and the state of recurrent layers. Sliding-window layers are counted in full: the
 * engine keeps `swa_full`, because a cut window gives wrong logits after a prefix is reused.
 */
export function kvBytesOf(
  shape: ModelShape,
  choices: Pick<MemoryChoices, "contextLength" | "streams" | "kvType">,
): number {
  const cells = Math.ceil(choices.contextLength / CELL_PADDING) * CELL_PADDING
  const heads = shape.kvHeads.reduce((sum, count) => sum + count, 0)
  const cellBytes = heads * (shape.keyLength + shape.valueLength) * KV_ELEMENT_BYTES[choices.kvType]
  return (cells * cellBytes + shape.recurrentBytes) * choices.streams
}

/**
 * Buffers of one micro-batch: activations of the widest step, masks, logits, the kernels' scratch.
 *
 * llama.cpp reserves rows × (the wider of a layer and the output), and both reuse one region:
 *   layer  = masks + 4·max(3·F + 3·D + max(Q, D), 2·Q + 3·K + 2·D), and for experts 4·max(3·e·E + 5·D, e·E + 2·e·D + 3·D)
 *   output = 4·V + 4·4·D + min(mask, share·4·V), share 0.2 with a sliding window, else 0.05
 * (bytes a row; F feed-forward, D embedding, Q and K widths of query and key, e experts used of width E, V vocabulary; a
 * mask is 2 bytes a cell of one stream, two of them with a sliding window). Flash attention is on, as the engine has it.
 * Fitted to the `compute buffer size` lines of llama.cpp v0.5.0 on a processor: 20 shapes from 64-wide to 32B (llama,
 * qwen2, qwen3, qwen3moe, gemma3, phi3, mixtral, gpt-oss) × contexts 512…131072 × rows 64…512 × 1, 4, 8 streams × f16 and
 * q8_0: 1,100 sizes of 1 MiB and more, −2 %…+23 %, median +3 %. See `memory-need.test.ts` for a sample of them.
 * Not in those lines and added here: the kernels' scratch (one quantised row of the widest input a row) and the buffer
 * of logits handed out (one row a stream).
 */
export function computeBytesOf(
  shape: ModelShape,
  choices: Pick<MemoryChoices, "contextLength" | "streams" | "microBatchRows" | "embeddings">,
): number {
  const rows = Math.max(1, choices.microBatchRows)
  const { reserved, widest } = rowBytesOf(shape, choices.contextLength)
  const outputs = choices.embeddings
    ? 4 * shape.embeddingLength * rows
    : 4 * shape.vocabularySize * choices.streams
  return rows * (reserved + widest * (34 / 32)) + outputs
}

/** Bytes that one row reserves, and the elements of the widest input of a matrix. */
export function rowBytesOf(shape: ModelShape, contextLength: number): { reserved: number; widest: number } {
  const embedding = shape.embeddingLength
  const query = shape.heads * shape.keyLength
  const key = shape.kvHeads.reduce((a, b) => Math.max(a, b), 0) * shape.keyLength
  const mask = 2 * Math.ceil(contextLength / CELL_PADDING) * CELL_PADDING
  const masks = shape.slidingWindow > 0 ? 2 * mask : mask
  const dense = 3 * shape.feedForwardLength + 3 * embedding + Math.max(query, embedding)
  const used = shape.expertsUsed * shape.expertFeedForwardLength
  const expert = Math.max(3 * used + 5 * embedding, used + 2 * shape.expertsUsed * embedding + 3 * embedding)
  const feedForward = shape.experts > 0 ? expert : dense
  const attention = 2 * query + 3 * key + 2 * embedding
  const logits = 4 * shape.vocabularySize
  const layer = masks + 4 * Math.max(feedForward, attention)
  const output = logits + 16 * embedding + Math.min(mask, (shape.slidingWindow > 0 ? 0.2 : 0.05) * logits)
  const widest = Math.max(shape.experts > 0 ? used : shape.feedForwardLength, query, embedding)
  return { reserved: Math.max(layer, output), widest }
}

function bytes(value: number): number {
  return Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER)
}

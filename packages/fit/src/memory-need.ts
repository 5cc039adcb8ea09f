// How many bytes of main memory a plan takes. Arithmetic only; whether they are there is `plan-load.ts`.
import type { KvType, MemoryNeed } from "./load-plan.ts"
import type { ModelShape } from "./model-shape.ts"

/** llama.cpp pads each stream's cells to this many. */
export const CELL_PADDING = 256

/** Maps of tokens and merges that the library builds: 16 MB for SmolLM2's 49,152 (resident size after load, less the weights). */
const VOCABULARY_TOKEN_BYTES = 330

/**
 * Rows of a batch that may hand out logits: one a stream, and the drafts that are checked beside them. Fewer than 32 also make
 * the library's prefill a sixth slower (measured: 1,150 tok/s with 1 or 8, 1,400 with 32 or more, llama.cpp v0.5.0 with AMX).
 */
const OUTPUT_ROWS = 64

/** Rows with logits that a context of so many streams is made for (`n_outputs_max`). */
export function outputRowsOf(choices: { readonly streams: number; readonly batchRows: number }): number {
  return Math.max(choices.streams, Math.min(OUTPUT_ROWS, choices.batchRows))
}

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
 * Weights and vocabulary in memory. Types with a repacked layout are copied into it: with mmap the file's pages stay beside the copy,
 * without mmap they are read straight into it. A tied embedding table is held twice where its type is repacked (as table
 * and as output matrix). Checked against the `model buffer size` lines of llama.cpp v0.5.0.
 */
export function weightsBytesOf(
  shape: ModelShape,
  choices: Pick<MemoryChoices, "useMmap" | "cpuFeatures" | "arch">,
): number {
  const vocabulary = shape.vocabularySize * VOCABULARY_TOKEN_BYTES
  const tiedCopy = isRepacked(shape.tiedType, choices) ? shape.tiedBytes : 0
  return shape.weightsBytes + vocabulary + tiedCopy + (choices.useMmap ? repackedBytesOf(shape, choices) : 0)
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
  if (isEncoder(shape)) return 0
  const cells = Math.ceil(choices.contextLength / CELL_PADDING) * CELL_PADDING
  const heads = shape.kvHeads.reduce((sum, count) => sum + count, 0)
  const cellBytes = heads * (shape.keyLength + shape.valueLength) * KV_ELEMENT_BYTES[choices.kvType]
  return (cells * cellBytes + shape.recurrentBytes) * choices.streams
}

type ComputeChoices = Pick<
  MemoryChoices,
  "contextLength" | "streams" | "kvType" | "microBatchRows" | "embeddings"
> & {
  /** Rows with logits. Defaults to what `outputRowsOf` says. */
  readonly outputRows?: number
}

/**
 * Buffers of one micro-batch: what the graph reserves, the kernels' scratch (one quantised row of the widest input for each
 * row), and the rows handed out (logits of each stream, or one vector for each row).
 */
export function computeBytesOf(shape: ModelShape, choices: ComputeChoices): number {
  const rows = Math.max(1, choices.microBatchRows)
  const handedOut = choices.embeddings
    ? rows * shape.embeddingLength
    : outputsOf(choices) * shape.vocabularySize
  return reservedBytesOf(shape, choices) + rows * widestInputOf(shape) * (34 / 32) + 4 * handedOut
}

/**
 * The compute buffer of llama.cpp: the wider of a layer and the output, which take turns in one region.
 *
 *   layer  = rows × (masks + 4·max(3·F + 3·D + max(Q, D), 2·Q + 3·K + 2·D)); with experts in place of the first term
 *            max(3·e·E + 5·D, e·E + 2·e·D + 3·D)
 *   output = outputs × (4·V + 8·D + min(mask, share·4·V)) + rows × 8·D; share 0.2 with a sliding window, else 0.05
 *   q8_0   adds two rotations of a head, and 4·Q a row with a sliding window
 *
 * F feed-forward, D embedding, Q and K widths of query and key, e experts used of width E, V vocabulary, elements. A mask is
 * 2 bytes a cell of one stream, two of them with a sliding window. Outputs are few (`outputRowsOf`): the engine asks for no
 * more, which saves 4·V bytes a row. For embeddings every row is one, and only encoders have no logits then.
 * Flash attention is on, as the engine has it.
 *
 * Fitted to the `compute buffer size` lines of llama.cpp v0.5.0 on a processor: 20 shapes from 64-wide to 32B (llama, qwen2,
 * qwen3, qwen3moe, gemma3, phi3, mixtral, gpt-oss) × contexts 512…131072 × rows 64…512 × 1, 4, 8 streams × f16 and q8_0:
 * 1,632 sizes of 1 MiB and more, −1 %…+22 %, median +1 %. A sample is in `memory-need.test.ts`.
 */
export function reservedBytesOf(shape: ModelShape, choices: ComputeChoices): number {
  const { embeddingLength: embedding, slidingWindow } = shape
  const rows = Math.max(1, choices.microBatchRows)
  const outputs = choices.embeddings ? (isEncoder(shape) ? 0 : rows) : Math.min(outputsOf(choices), rows)
  const windowed = slidingWindow > 0
  const query = shape.heads * shape.keyLength
  const key = shape.kvHeads.reduce((a, b) => Math.max(a, b), 0) * shape.keyLength
  const mask = 2 * Math.ceil(choices.contextLength / CELL_PADDING) * CELL_PADDING
  const logits = 4 * shape.vocabularySize

  const dense = 3 * shape.feedForwardLength + 3 * embedding + Math.max(query, embedding)
  const used = shape.expertsUsed * shape.expertFeedForwardLength
  const expert = Math.max(3 * used + 5 * embedding, used + 2 * shape.expertsUsed * embedding + 3 * embedding)
  const feedForward = shape.experts > 0 ? expert : dense
  const attention = 2 * query + 3 * key + 2 * embedding
  const layer = rows * ((windowed ? 2 : 1) * mask + 4 * Math.max(feedForward, attention))
  const output =
    outputs * (logits + 8 * embedding + Math.min(mask, (windowed ? 0.2 : 0.05) * logits)) +
    rows * 8 * embedding
  const rotation =
    choices.kvType === "q8_0" ? 8 * shape.keyLength ** 2 + (windowed ? 4 * rows * query : 0) : 0
  return Math.max(layer, output) + rotation
}

function outputsOf({ streams, microBatchRows, outputRows }: ComputeChoices): number {
  return outputRows ?? outputRowsOf({ streams, batchRows: microBatchRows })
}

/** Models that only look at a text: they keep no cache and have no output matrix. */
function isEncoder(shape: ModelShape): boolean {
  return /bert|embedding|encoder/.test(shape.architecture)
}

/** Elements of the widest row that a matrix takes in. */
function widestInputOf(shape: ModelShape): number {
  const feedForward =
    shape.experts > 0 ? shape.expertsUsed * shape.expertFeedForwardLength : shape.feedForwardLength
  return Math.max(feedForward, shape.heads * shape.keyLength, shape.embeddingLength)
}

function bytes(value: number): number {
  return Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER)
}

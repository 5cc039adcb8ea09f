// Builds tiny models (about 0.2 MB, random weights) that llama.cpp loads and runs, and broken variants of them.

import { type EncodableHeader, encodeHeader, joined, type WritableEntry } from "../encode-header.ts"
import { ggmlType, tensorBytes } from "../ggml-types.ts"
import { type EncodableType, quantise } from "../quantise.ts"
import { padded } from "../read-tensors.ts"
import { seededRandom } from "./random.ts"
import { type TinyVocabulary, tinyPairs, tinyPieces } from "./tiny-vocabulary.ts"

export interface TinyModelOptions {
  /** Which architecture. Defaults to "llama". */
  readonly shape?: "llama" | "qwen2" | "gemma3"
  /** Byte-level pairs (`gpt2`) or SentencePiece (`llama`). Defaults to "bpe". */
  readonly vocabulary?: "bpe" | "spm"
  /** Defaults to 1. */
  readonly layers?: number
  /** Of the matrices; norms are always F32. Defaults to "F32". */
  readonly type?: EncodableType
  /** Seed of the weights. Defaults to 1. */
  readonly seed?: number
  /** Defaults to 2,048. */
  readonly contextLength?: number
  /** Gemma only: tokens that its windowed layers see. Defaults to 32. */
  readonly slidingWindow?: number
  /** Jinja source, or null for a base model without a template. Defaults to ChatML. */
  readonly chatTemplate?: string | null
  /** Adds the three tokens of fill-in-the-middle. Defaults to false. */
  readonly fillInTheMiddle?: boolean
  /** Makes an embedder. Defaults to none. */
  readonly pooling?: "mean" | "cls" | "last"
  /** Entries to add or replace, or to leave out (undefined). */
  readonly metadata?: Readonly<Record<string, WritableEntry | undefined>>
  /** Changes the tensors before their offsets are computed: other names, dimensions, types, more, fewer. */
  readonly tensors?: (tensors: readonly TinyTensor[]) => readonly TinyTensor[]
  /** Changes the header just before it is encoded: lies about counts, offsets, versions. */
  readonly header?: (header: EncodableHeader) => EncodableHeader
}

export interface TinyAdapterOptions extends TinyModelOptions {
  /** Defaults to 4. */
  readonly rank?: number
  /** Defaults to 8. */
  readonly alpha?: number
}

export interface TinyTensor {
  readonly name: string
  readonly dimensions: readonly number[]
  readonly type: EncodableType
  /** All ones, as a norm has it; else random. */
  readonly ones?: boolean
}

export const CHATML_TEMPLATE = `{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`

const EMBEDDING = 64
const FEED_FORWARD = 128
const HEADS = 4
const GROUPS = 2
const HEAD_SIZE = EMBEDDING / HEADS
const ALIGNMENT = 32

/** Number of `general.file_type`. */
const FILE_TYPES: Readonly<Record<EncodableType, number>> = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  Q5_0: 8,
  Q5_1: 9,
  BF16: 32,
}

const POOLING = { mean: 1, cls: 2, last: 3 } as const

/** The bytes of a whole model file; the same options give the same bytes. */
export function buildTinyModel(options: TinyModelOptions = {}): Uint8Array {
  const vocabulary = tinyVocabulary(options)
  const { shape = "llama", type = "F32", layers = 1 } = options
  const tensors: TinyTensor[] = [
    { name: "token_embd.weight", dimensions: [EMBEDDING, vocabulary.tokens.length], type },
  ]
  for (let layer = 0; layer < layers; layer++) {
    for (const tensor of layerTensors(shape, type))
      tensors.push({ ...tensor, name: `blk.${layer}.${tensor.name}` })
  }
  tensors.push(norm("output_norm.weight", EMBEDDING))
  return buildFile(modelMetadata(options, vocabulary), tensors, options)
}

/** The bytes of a LoRA adapter for the model that the same options give. */
export function buildTinyAdapter(options: TinyAdapterOptions = {}): Uint8Array {
  const { shape = "llama", layers = 1, rank = 4, alpha = 8 } = options
  const tensors: TinyTensor[] = []
  for (let layer = 0; layer < layers; layer++) {
    for (const { name, dimensions } of layerTensors(shape, "F32")) {
      const [input = 1, output] = dimensions
      if (output === undefined || !name.startsWith("attn_")) continue
      tensors.push({ name: `blk.${layer}.${name}.lora_a`, dimensions: [input, rank], type: "F32" })
      tensors.push({ name: `blk.${layer}.${name}.lora_b`, dimensions: [rank, output], type: "F32" })
    }
  }
  const metadata: [string, WritableEntry][] = [
    ["general.architecture", { type: "string", value: shape }],
    ["general.type", { type: "string", value: "adapter" }],
    ["adapter.type", { type: "string", value: "lora" }],
    ["adapter.lora.alpha", { type: "float32", value: alpha }],
  ]
  return buildFile(metadata, tensors, options)
}

/** The vocabulary that the model of these options has. */
export function tinyVocabulary({
  shape = "llama",
  vocabulary = "bpe",
  fillInTheMiddle = false,
}: TinyModelOptions): TinyVocabulary {
  return vocabulary === "spm"
    ? tinyPieces({ fillInTheMiddle })
    : tinyPairs({ fillInTheMiddle, pre: shape === "qwen2" ? "qwen2" : "gpt-2" })
}

function layerTensors(shape: NonNullable<TinyModelOptions["shape"]>, type: EncodableType): TinyTensor[] {
  const matrix = (name: string, input: number, output: number): TinyTensor => ({
    name,
    dimensions: [input, output],
    type,
  })
  const attention = [
    norm("attn_norm.weight", EMBEDDING),
    matrix("attn_q.weight", EMBEDDING, HEADS * HEAD_SIZE),
    matrix("attn_k.weight", EMBEDDING, GROUPS * HEAD_SIZE),
    matrix("attn_v.weight", EMBEDDING, GROUPS * HEAD_SIZE),
    matrix("attn_output.weight", HEADS * HEAD_SIZE, EMBEDDING),
  ]
  const feedForward = [
    norm("ffn_norm.weight", EMBEDDING),
    matrix("ffn_gate.weight", EMBEDDING, FEED_FORWARD),
    matrix("ffn_up.weight", EMBEDDING, FEED_FORWARD),
    matrix("ffn_down.weight", FEED_FORWARD, EMBEDDING),
  ]
  switch (shape) {
    case "llama":
      return [...attention, ...feedForward]
    case "qwen2": {
      const biases = [
        ["attn_q.bias", HEADS * HEAD_SIZE],
        ["attn_k.bias", GROUPS * HEAD_SIZE],
        ["attn_v.bias", GROUPS * HEAD_SIZE],
      ] as const
      const vectors = biases.map(
        ([name, length]): TinyTensor => ({ name, dimensions: [length], type: "F32" }),
      )
      return [...attention, ...vectors, ...feedForward]
    }
    case "gemma3":
      return [
        ...attention,
        norm("attn_q_norm.weight", HEAD_SIZE),
        norm("attn_k_norm.weight", HEAD_SIZE),
        norm("post_attention_norm.weight", EMBEDDING),
        ...feedForward,
        norm("post_ffw_norm.weight", EMBEDDING),
      ]
    default:
      return shape satisfies never
  }
}

function norm(name: string, length: number): TinyTensor {
  return { name, dimensions: [length], type: "F32", ones: true }
}

function modelMetadata(options: TinyModelOptions, vocabulary: TinyVocabulary): [string, WritableEntry][] {
  const { shape = "llama", type = "F32", layers = 1, contextLength = 2048, slidingWindow = 32 } = options
  const { chatTemplate = CHATML_TEMPLATE, pooling } = options
  const count = (key: string, value: number): [string, WritableEntry] => [key, { type: "uint32", value }]
  return [
    ["general.architecture", { type: "string", value: shape }],
    ["general.type", { type: "string", value: "model" }],
    ["general.name", { type: "string", value: `tiny ${shape}` }],
    count("general.file_type", FILE_TYPES[type]),
    count("general.quantization_version", 2),
    count(`${shape}.context_length`, contextLength),
    count(`${shape}.embedding_length`, EMBEDDING),
    count(`${shape}.block_count`, layers),
    count(`${shape}.feed_forward_length`, FEED_FORWARD),
    count(`${shape}.attention.head_count`, HEADS),
    count(`${shape}.attention.head_count_kv`, GROUPS),
    count(`${shape}.attention.key_length`, HEAD_SIZE),
    count(`${shape}.attention.value_length`, HEAD_SIZE),
    ...(shape === "gemma3"
      ? [count("gemma3.attention.sliding_window", slidingWindow)]
      : [count(`${shape}.rope.dimension_count`, HEAD_SIZE)]),
    count(`${shape}.vocab_size`, vocabulary.tokens.length),
    [`${shape}.rope.freq_base`, { type: "float32", value: 10_000 }],
    [`${shape}.attention.layer_norm_rms_epsilon`, { type: "float32", value: 1e-5 }],
    ...(pooling === undefined ? [] : [count(`${shape}.pooling_type`, POOLING[pooling])]),
    ...vocabulary.metadata.map(([key, entry]): [string, WritableEntry] => [key, entry]),
    ...(chatTemplate === null
      ? []
      : [
          ["tokenizer.chat_template", { type: "string", value: chatTemplate }] satisfies [
            string,
            WritableEntry,
          ],
        ]),
  ]
}

function buildFile(
  metadata: readonly (readonly [string, WritableEntry])[],
  declared: readonly TinyTensor[],
  { metadata: changes = {}, tensors: changeTensors, header: changeHeader, seed = 1 }: TinyModelOptions,
): Uint8Array {
  const entries = new Map<string, WritableEntry | undefined>([...metadata, ...Object.entries(changes)])
  const kept = [...entries].flatMap(([key, entry]) => (entry === undefined ? [] : [[key, entry] as const]))
  const tensors = changeTensors === undefined ? declared : changeTensors(declared)
  let offset = 0
  const placed = tensors.map(({ name, dimensions, type }) => {
    const at = offset
    offset = padded(offset + tensorBytes(type, dimensions), ALIGNMENT)
    return { name, dimensions, typeId: ggmlType(type)?.id ?? 0, offset: at }
  })
  const header: EncodableHeader = { version: 3, metadata: kept, tensors: placed }
  const parts = [aligned(encodeHeader(changeHeader === undefined ? header : changeHeader(header)))]
  for (const tensor of tensors) parts.push(aligned(quantise(tensor.type, weights(tensor, seed))))
  return joined(parts)
}

function aligned(bytes: Uint8Array): Uint8Array {
  return joined([bytes, new Uint8Array(padded(bytes.length, ALIGNMENT) - bytes.length)])
}

/** Uniform, of the spread that keeps activations of the same size from layer to layer. */
function weights({ name, dimensions, ones = false }: TinyTensor, seed: number): Float32Array {
  const count = dimensions.reduce((product, dimension) => product * dimension, 1)
  const random = seededRandom(seed, name)
  const spread = Math.sqrt(3 / (dimensions[0] ?? 1))
  return Float32Array.from({ length: count }, () => (ones ? 1 : (random() * 2 - 1) * spread))
}

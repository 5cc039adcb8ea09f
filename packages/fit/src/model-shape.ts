// What of a model decides memory and speed, read from a header or guessed for a catalogue entry. Not a validator:
// values out of range become 0, so that the arithmetic stays finite whatever the file claims.
import type { GgufEntry, GgufHeader, TensorInfo } from "@fireside/gguf"
import { TYPICAL_SHAPES } from "./typical-shapes.ts"

export interface ModelShape {
  readonly architecture: string
  readonly layers: number
  readonly embeddingLength: number
  readonly vocabularySize: number
  readonly trainedContextLength: number
  /** Query heads, the largest over the layers. */
  readonly heads: number
  /** One entry a layer; 0 where a layer keeps no keys and values. */
  readonly kvHeads: readonly number[]
  readonly keyLength: number
  /** 0 where the cache holds one latent vector in place of keys and values (MLA). */
  readonly valueLength: number
  /** Widest dense feed-forward of a layer. */
  readonly feedForwardLength: number
  readonly experts: number
  readonly expertsUsed: number
  readonly expertFeedForwardLength: number
  /** Tokens; 0 is full attention everywhere. */
  readonly slidingWindow: number
  /**
   * There are two sets of rope factors, and the library takes those for long contexts when the context is longer than the one that the model was
   * first trained with (Phi-3.5, Phi-4-mini). Source: `llama_model::get_rope_factors` of llama.cpp v0.5.0.
   */
  readonly hasTwoRopes: boolean
  /** Recurrent layers keep this much for each stream, whatever the context. */
  readonly recurrentBytes: number
  readonly parameters: number
  /** Weights that one token passes through: all but unused experts and an untied embedding table. */
  readonly activeParameters: number
  readonly activeBytes: number
  readonly weightsBytes: number
  /** Bytes of matrices by ggml type: what is repacked and how fast a row is depends on it. */
  readonly matrixBytes: Readonly<Record<string, number>>
  /** Bytes of the embedding table when it is also the output matrix, with its type; 0 otherwise. */
  readonly tiedBytes: number
  readonly tiedType: string
}

const LONG_ROPE = /^(?:blk\.\d+\.)?rope_factors_long\.weight$/

/**
 * Reads the shape from a header. For the first part of a split file the weights are scaled by the tensors that the
 * other parts hold (`split.tensors.count`).
 */
export function readShape(header: GgufHeader): ModelShape {
  const architecture = textOf(header.metadata.get("general.architecture"))
  const read = (key: string) => numbersOf(header.metadata.get(`${architecture}.${key}`))
  const one = (key: string, fallback = 0) => read(key)[0] ?? fallback
  const most = (key: string) => read(key).reduce((a, b) => Math.max(a, b), 0)

  const layers = Math.min(one("block_count"), 4_096)
  const embeddingLength = one("embedding_length")
  const headsOfLayers = perLayer(read("attention.head_count"), layers)
  const heads = headsOfLayers.reduce((a, b) => Math.max(a, b), 0)
  const headLength = heads > 0 ? Math.ceil(embeddingLength / heads) : 0
  const latent = read("attention.key_length_mla").length > 0
  const inner = one("ssm.inner_size")
  const state = one("ssm.state_size")
  const kvHeads = keptHeads({
    declared: read("attention.head_count_kv"),
    heads: headsOfLayers,
    layers,
    attentionEvery: one("full_attention_interval"),
    sharedLayers: one("attention.shared_kv_layers"),
  })
  const recurrentLayers = inner > 0 ? Math.max(layers - kvHeads.filter((n) => n > 0).length, 0) : 0
  const weights = weigh(header, { experts: one("expert_count"), expertsUsed: one("expert_used_count") })

  return {
    architecture,
    layers,
    embeddingLength,
    vocabularySize: weights.rowsOfEmbedding || vocabularyOf(header) || one("vocab_size"),
    trainedContextLength: one("context_length"),
    heads,
    kvHeads,
    keyLength: Math.max(one("attention.key_length", headLength), one("attention.key_length_swa")),
    valueLength: latent
      ? 0
      : Math.max(one("attention.value_length", headLength), one("attention.value_length_swa")),
    feedForwardLength: Math.max(most("feed_forward_length"), one("expert_shared_feed_forward_length")),
    experts: one("expert_count"),
    expertsUsed: one("expert_used_count"),
    expertFeedForwardLength: one("expert_feed_forward_length", most("feed_forward_length")),
    slidingWindow: one("attention.sliding_window"),
    hasTwoRopes: header.tensors.some(({ name }) => LONG_ROPE.test(name)),
    // Mamba keeps (conv_kernel − 1) inputs and one state matrix a layer, f32.
    recurrentBytes:
      recurrentLayers *
      4 *
      (Math.max(one("ssm.conv_kernel", 1) - 1, 0) * (inner + 2 * one("ssm.group_count") * state) +
        inner * state),
    ...weights.totals,
  }
}

/** What a catalogue says of a model before there is a file. */
export interface ModelOutline {
  /** Number of weights: 134_515_008. */
  readonly parameters: number
  readonly approximateSizeBytes: number
  readonly contextLength: number
}

/**
 * A shape for a model that has no header yet: the nearest row at least as large of `TYPICAL_SHAPES`, with the
 * outline's own size and context. Its KV bytes are those of common open models and may be 2× off for unusual ones.
 */
export function estimateShape(outline: ModelOutline): ModelShape {
  const parameters = sane(outline.parameters)
  const weightsBytes = sane(outline.approximateSizeBytes)
  const typical =
    TYPICAL_SHAPES.find((row) => row.parameters >= parameters * 0.97) ??
    TYPICAL_SHAPES[TYPICAL_SHAPES.length - 1]
  if (typical === undefined) throw new Error("TYPICAL_SHAPES is empty")
  const bitsPerWeight = parameters > 0 ? (8 * weightsBytes) / parameters : 16
  const type =
    bitsPerWeight < 6.2 ? "Q4_K" : bitsPerWeight < 7.5 ? "Q6_K" : bitsPerWeight < 12 ? "Q8_0" : "F16"
  return {
    architecture: "unknown",
    layers: typical.layers,
    embeddingLength: typical.embeddingLength,
    vocabularySize: typical.vocabularySize,
    trainedContextLength: sane(outline.contextLength),
    heads: typical.heads,
    kvHeads: Array.from({ length: typical.layers }, () => typical.kvHeads),
    keyLength: typical.headLength,
    valueLength: typical.headLength,
    feedForwardLength: typical.feedForwardLength,
    experts: 0,
    expertsUsed: 0,
    expertFeedForwardLength: 0,
    slidingWindow: 0,
    hasTwoRopes: false,
    recurrentBytes: 0,
    parameters,
    activeParameters: parameters,
    activeBytes: weightsBytes,
    weightsBytes,
    matrixBytes: { [type]: weightsBytes },
    tiedBytes: 0,
    tiedType: type,
  }
}

/** True for a shape, false for a header: both are plain objects. */
export function isShape(model: GgufHeader | ModelShape): model is ModelShape {
  return "kvHeads" in model
}

function keptHeads(facts: {
  readonly declared: readonly number[]
  readonly heads: readonly number[]
  readonly layers: number
  /** Every n-th layer attends, the others are recurrent; 0: all attend. */
  readonly attentionEvery: number
  /** The last n layers read the cache of earlier ones. */
  readonly sharedLayers: number
}): readonly number[] {
  const kept =
    facts.declared.length > 0 ? perLayer(facts.declared, facts.layers) : facts.heads.slice(0, facts.layers)
  return kept.map((count, layer) => {
    if (layer >= facts.layers - facts.sharedLayers) return 0
    if (facts.attentionEvery > 1 && (layer + 1) % facts.attentionEvery !== 0) return 0
    return count
  })
}

function weigh(
  header: GgufHeader,
  { experts, expertsUsed }: { readonly experts: number; readonly expertsUsed: number },
) {
  const declared = numbersOf(header.metadata.get("split.tensors.count"))[0] ?? 0
  const scale =
    declared > header.tensors.length && header.tensors.length > 0 ? declared / header.tensors.length : 1
  const embedding = header.tensors.find((tensor) => tensor.name === "token_embd.weight")
  const untied = header.tensors.some((tensor) => tensor.name === "output.weight")
  const share = experts > 0 && expertsUsed < experts ? expertsUsed / experts : 1
  let parameters = 0
  let weightsBytes = 0
  let activeParameters = 0
  let activeBytes = 0
  const matrixBytes: Record<string, number> = {}
  for (const tensor of header.tensors) {
    const count = elementsOf(tensor)
    const idle = tensor === embedding && untied ? 0 : tensor.name.includes("_exps.") ? share : 1
    parameters += count
    weightsBytes += sane(tensor.sizeBytes)
    activeParameters += count * idle
    activeBytes += sane(tensor.sizeBytes) * idle
    // The table is only looked up: neither repacked nor multiplied (its tied copy is counted apart).
    if (tensor.dimensions.length > 1 && tensor !== embedding)
      matrixBytes[tensor.type] = (matrixBytes[tensor.type] ?? 0) + sane(tensor.sizeBytes) * scale
  }
  return {
    rowsOfEmbedding: sane(embedding?.dimensions[1] ?? 0),
    totals: {
      parameters: Math.round(parameters * scale),
      activeParameters: Math.round(activeParameters * scale),
      activeBytes: Math.round(activeBytes * scale),
      weightsBytes: Math.round(weightsBytes * scale),
      matrixBytes,
      tiedBytes: embedding !== undefined && !untied ? sane(embedding.sizeBytes) : 0,
      tiedType: embedding?.type ?? "",
    },
  }
}

function elementsOf(tensor: TensorInfo): number {
  return tensor.dimensions.reduce((product, dimension) => product * sane(dimension), 1)
}

function vocabularyOf(header: GgufHeader): number {
  const tokens = header.metadata.get("tokenizer.ggml.tokens")
  return tokens?.type === "array" ? tokens.value.count : 0
}

function perLayer(values: readonly number[], layers: number): number[] {
  const first = values[0] ?? 0
  return Array.from({ length: layers }, (_, layer) => (values.length > 1 ? (values[layer] ?? 0) : first))
}

function numbersOf(entry: GgufEntry | undefined): readonly number[] {
  if (entry === undefined) return []
  if (entry.type !== "array") return typeof entry.value === "string" ? [] : [sane(Number(entry.value))]
  const { itemType, items } = entry.value
  if (itemType === "string") return []
  return Array.from({ length: Math.min(items.length, 4_096) }, (_, i) => sane(Number(items[i])))
}

function textOf(entry: GgufEntry | undefined): string {
  return entry?.type === "string" && typeof entry.value === "string" ? entry.value : ""
}

function sane(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.floor(Math.min(value, Number.MAX_SAFE_INTEGER)) : 0
}

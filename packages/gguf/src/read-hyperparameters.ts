// Reads and checks the numbers that give a model its shape. Every rule here stands for something that llama.cpp
// assumes with an assertion (which ends the process) or not at all.

import type { Architecture, Width } from "./architectures.ts"
import { checkLatentAttention } from "./check-latent-attention.ts"
import { checkSettings } from "./check-settings.ts"
import type { GgufHeader, GgufLimits } from "./gguf-file.ts"
import { inRange, keyError, missingKey, optionalArray, optionalUint32, requireUint32 } from "./metadata.ts"

type Metadata = GgufHeader["metadata"]

export interface Hyperparameters {
  readonly layers: number
  /** Layers at the end that only predict further tokens; their tensors differ. */
  readonly predictionLayers: number
  /** The widths that tensor shapes are made of; only those that are the same in all layers. */
  readonly widths: Readonly<Partial<Record<Width, number>>>
}

/** Where the metadata of an architecture lies, its rules, and the limits. */
export interface ModelRules {
  readonly metadata: Metadata
  /** Name of the architecture and prefix of its keys. */
  readonly name: string
  readonly architecture: Architecture
  readonly limits: GgufLimits
}

/** @throws GgufError with the broken rule. */
export function readHyperparameters(rules: ModelRules, vocabularySize: number): Hyperparameters {
  const { metadata, name, limits } = rules
  const count = (suffix: string, rule: string, most: number) => {
    const key = `${name}.${suffix}`
    return inRange(metadata, key, requireUint32(metadata, key), { least: 1, most, rule })
  }
  count("context_length", "context-length", limits.contextLength)
  const layers = count("block_count", "layer-count", limits.layers)
  const predictionLayers = optionalUint32(metadata, `${name}.nextn_predict_layers`) ?? 0
  if (predictionLayers >= layers) {
    throw keyError(
      metadata,
      `${name}.nextn_predict_layers`,
      "layer-count",
      "no layer is left for the model itself",
    )
  }
  const embedding = count("embedding_length", "embedding-length", limits.embeddingLength)
  // Widths of what comes out; no architecture here has another than what goes in.
  for (const suffix of ["embedding_length_out", "dense_2_feat_in", "dense_3_feat_out"]) {
    const key = `${name}.${suffix}`
    const width = optionalUint32(metadata, key) ?? embedding
    inRange(metadata, key, width, { least: embedding, most: embedding, rule: "embedding-length" })
  }
  const heads = readHeads(rules, layers, embedding)
  const feedForwardKey = `${name}.feed_forward_length`
  const feedForward = sameInAllLayers(rules, "feed_forward_length", layers)
  if (feedForward === undefined) throw missingKey(feedForwardKey)
  inRange(metadata, feedForwardKey, feedForward, {
    least: 1,
    most: limits.feedForwardLength,
    rule: "feed-forward-length",
  })
  const experts = readExperts(rules, layers)
  checkSlidingWindow(rules, layers)
  checkSettings(rules)
  return {
    layers,
    predictionLayers,
    widths: { E: embedding, V: vocabularySize, F: feedForward, ...heads, ...experts },
  }
}

/** A number that llama.cpp reads for each layer; it may be written once or as a list of equal values. */
function sameInAllLayers({ metadata, name }: ModelRules, suffix: string, layers: number): number | undefined {
  const key = `${name}.${suffix}`
  if (metadata.get(key)?.type !== "array") return optionalUint32(metadata, key)
  const array = optionalArray(metadata, key, ["uint32", "int32"])
  const values = Array.from(array?.items ?? [], Number)
  if (values.length !== layers) {
    const found = `${key} has ${values.length} values for ${layers} layers`
    throw keyError(metadata, key, "per-layer-length", found)
  }
  if (new Set(values).size > 1) {
    throw keyError(metadata, key, "per-layer-values", `${key}: the layers of a ${name} model cannot differ`)
  }
  return values[0]
}

function readHeads(rules: ModelRules, layers: number, embedding: number): Partial<Record<Width, number>> {
  const { metadata, name, architecture, limits } = rules
  const key = `${name}.attention.head_count`
  const heads = sameInAllLayers(rules, "attention.head_count", layers)
  if (heads === undefined) throw missingKey(key)
  inRange(metadata, key, heads, { least: 1, most: limits.heads, rule: "head-count" })
  const groupKey = `${name}.attention.head_count_kv`
  const groups = sameInAllLayers(rules, "attention.head_count_kv", layers) ?? heads
  inRange(metadata, groupKey, groups, { least: 1, most: heads, rule: "head-count-kv" })
  if (heads % groups !== 0) {
    const claim = `${heads} heads cannot share ${groups} key-value heads evenly`
    throw keyError(metadata, groupKey, "head-count-kv", claim)
  }
  const keyLength = headLength(rules, "key_length", { embedding, heads })
  const valueLength = headLength(rules, "value_length", { embedding, heads })
  if (architecture.latentAttention) {
    checkLatentAttention(rules, { heads, groups, keyLength, valueLength })
    return {}
  }
  if (keyLength !== valueLength) {
    const claim = `heads have keys of ${keyLength} and values of ${valueLength}; a ${name} model needs one size`
    throw keyError(metadata, `${name}.attention.value_length`, "head-size", claim)
  }
  if (architecture.heads === "embedding" && heads * keyLength !== embedding) {
    const claim = `${heads} heads of ${keyLength} do not make the embedding length ${embedding}`
    throw keyError(metadata, `${name}.attention.key_length`, "head-size", claim)
  }
  checkRope(rules, keyLength)
  return {
    H: keyLength,
    Q: heads * keyLength,
    K: groups * keyLength,
    U: groups * valueLength,
    O: heads * valueLength,
  }
}

function headLength(
  { metadata, name, limits }: ModelRules,
  suffix: "key_length" | "value_length",
  { embedding, heads }: { readonly embedding: number; readonly heads: number },
): number {
  const key = `${name}.attention.${suffix}`
  const value = optionalUint32(metadata, key)
  if (value !== undefined) {
    return inRange(metadata, key, value, { least: 1, most: limits.embeddingLength, rule: "head-size" })
  }
  if (embedding % heads !== 0) {
    const claim = `the embedding length ${embedding} is no multiple of the ${heads} heads`
    throw keyError(metadata, `${name}.attention.head_count`, "head-size", claim)
  }
  return embedding / heads
}

function checkRope({ metadata, name, architecture }: ModelRules, headSize: number): void {
  if (architecture.rope === "none") return
  // Layers with a window have numbers of their own, which are those of the others where the file is silent.
  for (const suffix of ["", "_swa"]) {
    const key = `${name}.rope.dimension_count${suffix}`
    const rotated = optionalUint32(metadata, key) ?? headSize
    const fits = architecture.rope === "head" ? rotated === headSize : rotated >= 1 && rotated <= headSize
    if (!fits || rotated % 2 !== 0) {
      const claim = `${rotated} of the ${headSize} values of a head are rotated, which a ${name} model cannot do`
      throw keyError(metadata, key, "rope-dimension", claim)
    }
  }
  for (const suffix of ["key_length_swa", "value_length_swa"]) {
    const key = `${name}.attention.${suffix}`
    const length = optionalUint32(metadata, key) ?? headSize
    if (length !== headSize) {
      const claim = `${key} is ${length}, but the heads of a ${name} model are all of one size (${headSize})`
      throw keyError(metadata, key, "head-size", claim)
    }
  }
}

function readExperts(rules: ModelRules, layers: number): Partial<Record<Width, number>> {
  const { metadata, name, architecture, limits } = rules
  const key = `${name}.expert_count`
  const experts = optionalUint32(metadata, key) ?? 0
  inRange(metadata, key, experts, {
    least: architecture.experts ? 1 : 0,
    most: limits.experts,
    rule: "experts",
  })
  const used = sameInAllLayers(rules, "expert_used_count", layers) ?? 0
  inRange(metadata, `${name}.expert_used_count`, used, {
    least: experts === 0 ? 0 : 1,
    most: experts,
    rule: "experts",
  })
  checkExpertGroups(rules, experts)
  if (experts === 0) return {}
  const length = sameInAllLayers(rules, "expert_feed_forward_length", layers)
  if (length === undefined) return { X: experts }
  inRange(metadata, `${name}.expert_feed_forward_length`, length, {
    least: 1,
    most: limits.feedForwardLength,
    rule: "feed-forward-length",
  })
  return { X: experts, P: length }
}

function checkExpertGroups({ metadata, name }: ModelRules, experts: number): void {
  const key = `${name}.expert_group_count`
  const groups = optionalUint32(metadata, key) ?? 0
  if (groups === 0) return
  const used = optionalUint32(metadata, `${name}.expert_group_used_count`) ?? 0
  const fits = groups < experts && (groups === 1 || (experts % groups === 0 && used >= 1 && used < groups))
  if (!fits) {
    throw keyError(
      metadata,
      key,
      "experts",
      `${used} of ${groups} groups cannot be used of ${experts} experts`,
    )
  }
}

/** llama.cpp asserts that a model with a window has at least one layer that uses it. */
function checkSlidingWindow({ metadata, name, architecture }: ModelRules, layers: number): void {
  const windowed = architecture.slidingWindow
  const key = `${name}.attention.sliding_window`
  const window = optionalUint32(metadata, key)
  if (windowed === undefined) return
  if (window === undefined && windowed.required) throw missingKey(key)
  if (window === 0 && windowed.required) {
    throw keyError(metadata, key, "sliding-window", `${key} is 0, but a ${name} model needs a window`)
  }
  const patternKey = `${name}.attention.sliding_window_pattern`
  const flags = windowedLayers(metadata, patternKey, windowed.pattern, layers)
  if (flags.length !== layers || !flags.includes(true) || (windowed.both && !flags.includes(false))) {
    const claim = `of ${layers} layers, ${flags.filter(Boolean).length} of ${flags.length} would use the window`
    throw keyError(metadata, patternKey, "sliding-window", claim)
  }
}

/** Whether each layer uses the window, from a list in the file or from "every n-th does not". */
function windowedLayers(metadata: Metadata, key: string, otherwise: number, layers: number): boolean[] {
  if (metadata.get(key)?.type === "array") {
    const pattern = optionalArray(metadata, key, ["bool", "uint32", "int32"])
    return Array.from(pattern?.items ?? [], Boolean)
  }
  const pattern = optionalUint32(metadata, key) ?? otherwise
  return Array.from({ length: layers }, (_, layer) => pattern === 0 || layer % pattern < pattern - 1)
}

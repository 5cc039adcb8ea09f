// Reads and checks the numbers that give a model its shape. Every rule here stands for something that llama.cpp
// assumes with an assertion (which ends the process) or not at all.

import type { Architecture, Width } from "./architectures.ts"
import { GgufError, type GgufHeader, type GgufLimits } from "./gguf-file.ts"
import {
  inRange,
  keyError,
  missingKey,
  optionalArray,
  optionalBool,
  optionalFloat,
  optionalString,
  optionalUint32,
  requireUint32,
} from "./metadata.ts"

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
  const { metadata, name, architecture, limits } = rules
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
  const heads = readHeads(rules, layers, embedding)
  const feedForward = perLayer(rules, "feed_forward_length", layers)
  if (feedForward === undefined) throw missingKey(`${name}.feed_forward_length`)
  for (const value of feedForward) {
    inRange(metadata, `${name}.feed_forward_length`, value, {
      least: architecture.mixedLayers ? 0 : 1,
      most: limits.feedForwardLength,
      rule: "feed-forward-length",
    })
  }
  const experts = readExperts(rules, layers)
  checkSlidingWindow(rules, layers)
  checkRest(rules)
  return {
    layers,
    predictionLayers,
    widths: { E: embedding, V: vocabularySize, ...single("F", feedForward), ...heads, ...experts },
  }
}

function single(width: Width, values: readonly number[]): Partial<Record<Width, number>> {
  const [first] = values
  return first !== undefined && values.every((value) => value === first) ? { [width]: first } : {}
}

/** One value for each layer, whether the file gives one number or an array; undefined where the key is missing. */
function perLayer(
  { metadata, name, architecture }: ModelRules,
  suffix: string,
  layers: number,
): number[] | undefined {
  const key = `${name}.${suffix}`
  if (metadata.get(key)?.type !== "array") {
    const value = optionalUint32(metadata, key)
    return value === undefined ? undefined : Array.from({ length: layers }, () => value)
  }
  const array = optionalArray(metadata, key, ["uint32", "int32"])
  const values = Array.from(array?.items ?? [], Number)
  if (values.length !== layers) {
    const found = `${key} has ${values.length} values for ${layers} layers`
    throw keyError(metadata, key, "per-layer-length", found)
  }
  if (!architecture.mixedLayers && new Set(values).size > 1) {
    throw keyError(metadata, key, "per-layer-values", `${key}: the layers of a ${name} model cannot differ`)
  }
  return values
}

function readHeads(rules: ModelRules, layers: number, embedding: number): Partial<Record<Width, number>> {
  const { metadata, name, architecture, limits } = rules
  const key = `${name}.attention.head_count`
  const headCounts = perLayer(rules, "attention.head_count", layers)
  if (headCounts === undefined) throw missingKey(key)
  const groupKey = `${name}.attention.head_count_kv`
  const groupCounts = perLayer(rules, "attention.head_count_kv", layers) ?? headCounts
  for (const [layer, heads] of headCounts.entries()) {
    inRange(metadata, key, heads, { least: 1, most: limits.heads, rule: "head-count" })
    const groups = groupCounts[layer] ?? 0
    inRange(metadata, groupKey, groups, { least: 1, most: heads, rule: "head-count-kv" })
    if (heads % groups !== 0) {
      const claim = `${heads} heads cannot share ${groups} key-value heads evenly`
      throw keyError(metadata, groupKey, "head-count-kv", claim)
    }
  }
  const heads = headCounts[0] ?? 1
  const groups = groupCounts[0] ?? 1
  const keyLength = headLength(rules, "key_length", { embedding, heads })
  const valueLength = headLength(rules, "value_length", { embedding, heads })
  if (architecture.latentAttention) return {}
  if (keyLength !== valueLength) {
    const claim = `heads have keys of ${keyLength} and values of ${valueLength}; a ${name} model needs one size`
    throw keyError(metadata, `${name}.attention.value_length`, "head-size", claim)
  }
  if (architecture.heads === "embedding" && heads * keyLength !== embedding) {
    const claim = `${heads} heads of ${keyLength} do not make the embedding length ${embedding}`
    throw keyError(metadata, `${name}.attention.key_length`, "head-size", claim)
  }
  checkRope(rules, keyLength)
  if (architecture.mixedLayers) return {}
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
  const key = `${name}.rope.dimension_count`
  const rotated = optionalUint32(metadata, key) ?? headSize
  if (architecture.rope === "none") return
  const fits = architecture.rope === "head" ? rotated === headSize : rotated >= 1 && rotated <= headSize
  if (!fits || rotated % 2 !== 0) {
    const claim = `${rotated} of the ${headSize} values of a head are rotated, which a ${name} model cannot do`
    throw keyError(metadata, key, "rope-dimension", claim)
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
  const used = perLayer(rules, "expert_used_count", layers) ?? [0]
  for (const value of used) {
    inRange(metadata, `${name}.expert_used_count`, value, {
      least: experts === 0 ? 0 : 1,
      most: experts,
      rule: "experts",
    })
  }
  checkExpertGroups(rules, experts)
  if (experts === 0) return {}
  const length = perLayer(rules, "expert_feed_forward_length", layers)
  for (const value of length ?? []) {
    inRange(metadata, `${name}.expert_feed_forward_length`, value, {
      least: 1,
      most: limits.feedForwardLength,
      rule: "feed-forward-length",
    })
  }
  return { X: experts, ...single("P", length ?? []) }
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
  if (metadata.get(patternKey)?.type === "array") {
    const pattern = optionalArray(metadata, patternKey, ["bool", "uint32", "int32"])
    const flags = Array.from(pattern?.items ?? [], Boolean)
    if (flags.length !== layers || !flags.includes(true)) {
      const claim = `${patternKey} has ${flags.length} items for ${layers} layers, ${flags.filter(Boolean).length} set`
      throw keyError(metadata, patternKey, "sliding-window", claim)
    }
    return
  }
  const pattern = optionalUint32(metadata, patternKey)
  if (pattern === 1) {
    throw keyError(
      metadata,
      patternKey,
      "sliding-window",
      `${patternKey} is 1, so no layer would use the window`,
    )
  }
}

const SCALES = { least: -1e6, most: 1e6 }

/** Bounds of the numbers that llama.cpp computes with unchecked; NaN is outside of all of them. */
const FLOATS: Readonly<Record<string, { readonly least: number; readonly most: number }>> = {
  "attention.layer_norm_rms_epsilon": { least: 0, most: 1 },
  "attention.layer_norm_epsilon": { least: 0, most: 1 },
  "rope.freq_base": { least: 1, most: 1e12 },
  "rope.freq_base_swa": { least: 1, most: 1e12 },
  "rope.scale_linear": { least: 0, most: 1e6 },
  "rope.scaling.factor": { least: 0, most: 1e6 },
  "rope.scaling.alpha": { least: 0, most: 1e6 },
  "rope.scaling.attn_factor": { least: 0, most: 1e6 },
  "rope.scaling.yarn_log_multiplier": { least: 0, most: 1e6 },
  "rope.scaling.yarn_ext_factor": SCALES,
  "rope.scaling.yarn_attn_factor": SCALES,
  "rope.scaling.yarn_beta_fast": SCALES,
  "rope.scaling.yarn_beta_slow": SCALES,
  "attention.max_alibi_bias": { least: 0, most: 1e6 },
  "attention.clamp_kqv": { least: 0, most: 1e6 },
  "attention.scale": { least: 0, most: 1e6 },
  attn_logit_softcapping: { least: 0, most: 1e6 },
  final_logit_softcapping: { least: 0, most: 1e6 },
  logit_scale: SCALES,
  residual_scale: SCALES,
  embedding_scale: SCALES,
  expert_weights_scale: SCALES,
}

const ROPE_SCALINGS = ["none", "linear", "yarn", "longrope"]
/** none, mean, first token, last token, rank */
const POOLING_TYPES = 4

function checkRest({ metadata, name, architecture }: ModelRules): void {
  for (const [suffix, bounds] of Object.entries(FLOATS)) optionalFloat(metadata, `${name}.${suffix}`, bounds)
  for (const suffix of [architecture.epsilon, ...(architecture.required ?? [])]) {
    if (!metadata.has(`${name}.${suffix}`)) throw missingKey(`${name}.${suffix}`)
  }
  const scalingKey = `${name}.rope.scaling.type`
  const scaling = optionalString(metadata, scalingKey)
  if (scaling !== undefined && !ROPE_SCALINGS.includes(scaling)) {
    throw keyError(metadata, scalingKey, "rope-scaling", `${scalingKey} is "${scaling}", which is unknown`)
  }
  const poolingKey = `${name}.pooling_type`
  inRange(metadata, poolingKey, optionalUint32(metadata, poolingKey) ?? 0, {
    least: 0,
    most: POOLING_TYPES,
    rule: "pooling-type",
  })
  optionalBool(metadata, `${name}.attention.causal`)
  const splitKey = "split.count"
  const split = metadata.get(splitKey)
  if (split !== undefined && Number(split.value) > 1) {
    throw new GgufError(
      "split-file",
      split.offset,
      `the model is one of ${Number(split.value)} parts; join them into one file first (llama-gguf-split --merge)`,
    )
  }
}

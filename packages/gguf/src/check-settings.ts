// The remaining numbers and choices of a model that native code takes as they are: floats it computes with, names and
// numbers it looks up in tables.

import { GgufError } from "./gguf-file.ts"
import {
  inRange,
  keyError,
  missingKey,
  optionalBool,
  optionalFloat,
  optionalString,
  optionalUint32,
} from "./metadata.ts"
import type { ModelRules } from "./read-hyperparameters.ts"

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
  "rope.scaling.yarn_ext_factor": { least: 0, most: 1e6 },
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
const LAST_POOLING = 4
/** unknown, softmax, sigmoid, softmax of the chosen */
const LAST_GATING = 3

/** @throws GgufError with the broken rule. */
export function checkSettings({ metadata, name, architecture }: ModelRules): void {
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
    most: LAST_POOLING,
    rule: "pooling-type",
  })
  const gatingKey = `${name}.expert_gating_func`
  inRange(metadata, gatingKey, optionalUint32(metadata, gatingKey) ?? 0, {
    least: 0,
    most: LAST_GATING,
    rule: "experts",
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

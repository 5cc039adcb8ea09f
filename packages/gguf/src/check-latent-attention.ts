// Head sizes of models with multi-head latent attention (deepseek2): keys and values come out of a small common
// vector, so heads have a part with positions and a part without, and follow other rules than elsewhere.

import { inRange, keyError, optionalUint32, requireUint32 } from "./metadata.ts"
import type { ModelRules } from "./read-hyperparameters.ts"

export interface HeadSizes {
  readonly heads: number
  readonly groups: number
  readonly keyLength: number
  readonly valueLength: number
}

/** @throws GgufError when the sizes do not fit together. */
export function checkLatentAttention(
  rules: ModelRules,
  { heads, groups, keyLength, valueLength }: HeadSizes,
): void {
  const { metadata, name, limits } = rules
  const key = (suffix: string) => `${name}.attention.${suffix}`
  const rank = inRange(metadata, key("kv_lora_rank"), requireUint32(metadata, key("kv_lora_rank")), {
    least: 1,
    most: limits.embeddingLength,
    rule: "head-size",
  })
  const queryRank = optionalUint32(metadata, key("q_lora_rank")) ?? 0
  inRange(metadata, key("q_lora_rank"), queryRank, {
    least: 0,
    most: limits.embeddingLength,
    rule: "head-size",
  })
  const absorbed = optionalUint32(metadata, key("key_length_mla")) ?? 0
  const absorbedValue = optionalUint32(metadata, key("value_length_mla")) ?? 0
  const whole = absorbed === 0 ? keyLength : absorbed
  const rotated = optionalUint32(metadata, `${name}.rope.dimension_count`) ?? keyLength
  const fits =
    absorbed === 0
      ? absorbedValue === 0 && groups === heads
      : absorbedValue > 0 && groups === 1 && keyLength === rank + rotated && valueLength === rank
  if (!fits || Math.max(absorbed, absorbedValue) > limits.embeddingLength) {
    const claim = `heads with keys of ${keyLength}, values of ${valueLength} and rank ${rank} do not fit together`
    throw keyError(metadata, key("key_length"), "head-size", claim)
  }
  if (rotated < 2 || rotated % 2 !== 0 || rotated >= whole) {
    const claim = `${rotated} of the ${whole} values of a head are rotated, which a ${name} model cannot do`
    throw keyError(metadata, `${name}.rope.dimension_count`, "rope-dimension", claim)
  }
}

// Decides whether a header describes a LoRA adapter that may reach native code. llama.cpp reads an adapter's keys
// without looking at their types, and asserts.

import { ARCHITECTURES } from "./architectures.ts"
import { ggmlType } from "./ggml-types.ts"
import {
  GgufError,
  type GgufHeader,
  type GgufLimits,
  type TensorInfo,
  type ValidatedHeader,
} from "./gguf-file.ts"
import { keyError, optionalArray, optionalFloat, requireString } from "./metadata.ts"

const PAIR = /^(.+)\.lora_([ab])$/

/**
 * Checks that the file is a LoRA adapter. Whether it fits a certain base model is known only beside that model.
 *
 * @throws GgufError with the name of the broken rule and its offset.
 */
export function validateAdapter(
  header: GgufHeader,
  { limits }: { readonly limits: GgufLimits },
): ValidatedHeader {
  const { metadata, tensors } = header
  const type = requireString(metadata, "general.type")
  if (type !== "adapter") {
    throw keyError(metadata, "general.type", "not-an-adapter", `the file holds not an adapter, but: ${type}`)
  }
  const name = requireString(metadata, "general.architecture")
  if (!Object.hasOwn(ARCHITECTURES, name)) {
    const claim = `adapters for the architecture "${name.slice(0, 80)}" cannot be loaded`
    throw keyError(metadata, "general.architecture", "unknown-architecture", claim)
  }
  const kind = requireString(metadata, "adapter.type")
  if (kind !== "lora") {
    throw keyError(
      metadata,
      "adapter.type",
      "unknown-adapter",
      `adapters of the type "${kind}" cannot be loaded`,
    )
  }
  optionalFloat(metadata, "adapter.lora.alpha", { least: 0, most: 1e6 })
  const invocation = optionalArray(metadata, "adapter.alora.invocation_tokens", ["uint32"])
  for (const id of Array.from(invocation?.items ?? [], Number)) {
    if (id >= limits.vocabularySize) {
      throw keyError(metadata, "adapter.alora.invocation_tokens", "special-token", `there is no token ${id}`)
    }
  }
  validatePairs(tensors, limits)
  // The one place where an adapter's header gets its brand: every rule above has passed.
  return header as ValidatedHeader
}

function validatePairs(tensors: readonly TensorInfo[], limits: GgufLimits): void {
  if (tensors.length === 0) throw new GgufError("tensor-missing", 8, "the adapter holds no tensors")
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  for (const tensor of tensors) {
    const [, base, side] = PAIR.exec(tensor.name) ?? []
    if (base === undefined) {
      if (tensor.name.endsWith("_norm.weight")) continue
      throw new GgufError("adapter-tensor", tensor.infoOffset, `${tensor.name} is no part of a LoRA adapter`)
    }
    if (ggmlType(tensor.type)?.use !== "weight" || tensor.dimensions.length !== 2) {
      const claim = `${tensor.name} is no matrix of weights (${tensor.type}, ${tensor.dimensions.join(" × ")})`
      throw new GgufError("tensor-use", tensor.infoOffset, claim)
    }
    const other = byName.get(`${base}.lora_${side === "a" ? "b" : "a"}`)
    if (other === undefined) {
      throw new GgufError("adapter-pair", tensor.infoOffset, `${tensor.name} lacks its other half`)
    }
    // Of an embedding matrix the halves are stored the other way round, so the ranks are where the widths are else.
    const swapped = base.endsWith("token_embd.weight")
    const rank = side === "a" ? tensor.dimensions[swapped ? 0 : 1] : tensor.dimensions[0]
    const otherRank = side === "a" ? other.dimensions[0] : other.dimensions[swapped ? 0 : 1]
    if (rank !== otherRank || (rank ?? 0) > limits.embeddingLength) {
      const claim = `the halves of ${base} do not fit each other (rank ${rank} and ${otherRank})`
      throw new GgufError("adapter-pair", tensor.infoOffset, claim)
    }
  }
}

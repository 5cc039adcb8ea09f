// Decides whether a header describes a model that may reach native code: the file is a model of a known architecture,
// its numbers fit together, its vocabulary is whole, and its tensors are those that the numbers imply.

import { ARCHITECTURES } from "./architectures.ts"
import { GgufError, type GgufHeader, type GgufLimits, type ValidatedHeader } from "./gguf-file.ts"
import { keyError, optionalString, optionalUint32, requireString } from "./metadata.ts"
import { readHyperparameters } from "./read-hyperparameters.ts"
import { validateTensors } from "./validate-tensors.ts"
import { validateVocabulary } from "./validate-vocabulary.ts"

/** ggml asserts that weights begin at multiples of this. */
const MAPPED_ALIGNMENT = 32

/**
 * Checks what `readHeader` cannot know: that the content makes sense as a model.
 *
 * @throws GgufError with the name of the broken rule and its offset.
 */
export function validateModel(
  header: GgufHeader,
  { limits }: { readonly limits: GgufLimits },
): ValidatedHeader {
  const { metadata, tensors } = header
  const type = optionalString(metadata, "general.type") ?? "model"
  if (type !== "model") {
    throw keyError(metadata, "general.type", "not-a-model", `the file holds not a model, but: ${type}`)
  }
  const name = requireString(metadata, "general.architecture")
  const architecture = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined
  if (architecture === undefined) {
    const claim = `models of the architecture "${name.slice(0, 80)}" cannot be loaded`
    throw keyError(metadata, "general.architecture", "unknown-architecture", claim)
  }
  if (header.alignment < MAPPED_ALIGNMENT) {
    const claim = `general.alignment is ${header.alignment}; files that are mapped need ${MAPPED_ALIGNMENT} or more`
    throw keyError(metadata, "general.alignment", "alignment", claim)
  }
  optionalString(metadata, "general.name")
  optionalUint32(metadata, "general.file_type")
  const rules = { metadata, name, architecture, limits }
  // The numbers first: they are cheap, and most damaged files fail there.
  const model = readHyperparameters(rules, validateVocabulary(metadata, limits))
  if (tensors.length === 0)
    throw new GgufError("tensor-missing", 8, "the file holds no tensors, only a vocabulary")
  validateTensors(tensors, architecture, model)
  // The one place where a header gets its brand: every rule above has passed.
  return header as ValidatedHeader
}

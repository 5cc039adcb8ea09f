// Compares the tensors of a file with what its architecture and numbers imply.

import type { Layout, Width } from "./architectures.ts"
import { ggmlType } from "./ggml-types.ts"
import { GgufError, type TensorInfo } from "./gguf-file.ts"
import type { Hyperparameters } from "./read-hyperparameters.ts"

const BLOCK = /^blk\.(\d+)\.(.+)$/
/** Where missing tensors are reported: the tensor count. */
const TENSOR_COUNT_OFFSET = 8

/** @throws GgufError with the broken rule. */
export function validateTensors(
  tensors: readonly TensorInfo[],
  { whole, layer }: { readonly whole: Layout; readonly layer: Layout },
  model: Hyperparameters,
): void {
  const shapes = new Map(
    [...Object.entries(whole), ...Object.entries(layer)].map(([key, shape]) => [plain(key), shape]),
  )
  const found = new Set<string>()
  for (const tensor of tensors) {
    const block = BLOCK.exec(tensor.name)
    found.add(tensor.name)
    if (block !== null && !(Number(block[1]) < model.layers && String(Number(block[1])) === block[1])) {
      const claim = `${tensor.name} belongs to a layer that a model of ${model.layers} layers does not have`
      throw new GgufError("tensor-block", tensor.infoOffset, claim)
    }
    checkUse(tensor)
    const shape = shapes.get(block?.[2] ?? tensor.name)
    if (shape !== undefined) checkShape(tensor, shape, model)
  }
  for (const name of Object.keys(whole)) requireTensor(found, name, "")
  for (let index = 0; index < model.layers - model.predictionLayers; index++) {
    for (const name of Object.keys(layer)) requireTensor(found, name, `blk.${index}.`)
  }
}

function plain(key: string): string {
  return key.endsWith("?") ? key.slice(0, -1) : key
}

/** Queries, keys and values may lie in one matrix. */
const FUSED = /^attn_[qkv]\.weight$/

function requireTensor(found: ReadonlySet<string>, key: string, prefix: string): void {
  if (key.endsWith("?") || found.has(prefix + key)) return
  if (FUSED.test(key) && found.has(`${prefix}attn_qkv.weight`)) return
  throw new GgufError("tensor-missing", TENSOR_COUNT_OFFSET, `the file lacks the tensor ${prefix}${key}`)
}

/**
 * llama.cpp multiplies with any weight type, but adds and scales with F32 only, and aborts on others: vectors (norms,
 * biases, rotation factors) are F32 in every file that its converter writes.
 */
function checkUse({ name, type, infoOffset }: TensorInfo): void {
  if (ggmlType(type)?.use !== "weight") {
    throw new GgufError(
      "tensor-use",
      infoOffset,
      `${name} is of type ${type}, which no model's weights may have`,
    )
  }
  if (ADDED.test(name) && type !== "F32") {
    throw new GgufError(
      "tensor-use",
      infoOffset,
      `${name} is of type ${type}; norms, biases and factors must be F32`,
    )
  }
}

const ADDED = /_norm(_\d)?\.weight$|\.bias$|^token_types\.|rope_f(reqs|actors)|attn_sinks/

function checkShape(tensor: TensorInfo, shape: readonly Width[], { widths }: Hyperparameters): void {
  const expected = shape.map((width) => widths[width])
  const given = trimmed(tensor.dimensions)
  if (expected.some((width) => width === undefined)) return
  const wanted = trimmed(expected.map((width) => width ?? 1))
  if (given.length === wanted.length && given.every((dimension, index) => dimension === wanted[index])) return
  const rule =
    tensor.name === "token_embd.weight" && given[0] === wanted[0] ? "vocabulary-size" : "tensor-shape"
  throw new GgufError(
    rule,
    tensor.infoOffset,
    `${tensor.name} has the shape ${tensor.dimensions.join(" × ")}; the model's numbers imply ${wanted.join(" × ")}`,
  )
}

/** Without trailing ones, which mean nothing. */
function trimmed(dimensions: readonly number[]): number[] {
  const last = dimensions.findLastIndex((dimension) => dimension !== 1)
  return dimensions.slice(0, Math.max(last, 0) + 1)
}

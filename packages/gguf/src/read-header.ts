// Reads the header of a GGUF file: the rules of the format, each with a name. Whether the content makes sense as a
// model is decided by `validate-model.ts`. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

import { foreignFormat } from "./foreign-format.ts"
import {
  type ByteSource,
  type GgufEntry,
  GgufError,
  type GgufHeader,
  type GgufLimits,
  type GgufScalar,
  type GgufValueType,
} from "./gguf-file.ts"
import {
  bytesLeft,
  type HeaderWindow,
  hasControlCharacter,
  need,
  position,
  readString,
  readUint32,
  readUint64,
  runSteps,
  type Steps,
} from "./header-window.ts"
import { readItems } from "./read-array.ts"
import { readStrings } from "./read-strings.ts"
import { padded, placeTensors, readTensor, type TensorClaim } from "./read-tensors.ts"

/** Index is the type's number in the file. */
const VALUE_TYPES: readonly GgufValueType[] = [
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "float32",
  "bool",
  "string",
  "array",
  "uint64",
  "int64",
  "float64",
]

/** llama.cpp aligns tensor data so where the file does not say otherwise. */
const DEFAULT_ALIGNMENT = 32

/** Key with one byte, type and a one-byte value: no entry is shorter. */
const SHORTEST_ENTRY_BYTES = 8 + 1 + 4 + 1
/** Name with one byte, one dimension, type and offset. */
const SHORTEST_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8

/**
 * Reads and checks the header; never the tensor data, and never more than `limits.headerBytes`.
 *
 * @throws GgufError with the name of the broken rule and its offset; the signal's reason.
 */
export function readHeader(
  source: ByteSource,
  options: { readonly limits: GgufLimits },
  signal?: AbortSignal,
): Promise<GgufHeader> {
  return runSteps(parseHeader, source, options.limits, signal)
}

function* parseHeader(window: HeaderWindow): Steps<GgufHeader> {
  const version = yield* readVersion(window)
  const tensorCount = yield* readCount(window, "tensor")
  const metadataCount = yield* readCount(window, "metadata")
  const metadata = yield* readMetadata(window, metadataCount)
  const alignment = readAlignment(metadata, window.limits.alignment)
  if (tensorCount * SHORTEST_TENSOR_BYTES > bytesLeft(window)) {
    yield* need(window, tensorCount * SHORTEST_TENSOR_BYTES, `${tensorCount} tensor descriptions`)
  }
  const claims: TensorClaim[] = []
  const names = new Set<string>()
  for (let index = 0; index < tensorCount; index++) claims.push(yield* readTensor(window, names))
  const dataOffset = tensorCount === 0 ? position(window) : padded(position(window), alignment)
  const tensors = placeTensors(claims, { dataOffset, alignment, fileSizeBytes: window.fileSizeBytes })
  return { version, metadata, tensors, alignment, dataOffset, fileSizeBytes: window.fileSizeBytes }
}

function* readVersion(window: HeaderWindow): Steps<number> {
  if (window.fileSizeBytes === 0) throw new GgufError("empty-file", 0, "the file is empty")
  yield* need(window, Math.min(24, window.fileSizeBytes), "the file")
  const magic = String.fromCharCode(...window.bytes.subarray(0, 4))
  if (magic !== "GGUF") {
    const found = foreignFormat(window.bytes.subarray(0, Math.min(window.bytes.length, 512)))
    throw new GgufError("not-gguf", 0, `the file does not begin with "GGUF"; ${found}`)
  }
  window.at += 4
  const offset = position(window)
  const version = yield* readUint32(window, "the version")
  if ((version & 0xffff) === 0 && version !== 0) {
    throw new GgufError(
      "big-endian",
      offset,
      "the file is big-endian; only little-endian files can be loaded",
    )
  }
  if (!window.limits.versions.includes(version)) {
    const known = window.limits.versions.join(" and ")
    throw new GgufError("unsupported-version", offset, `GGUF version ${version}; only ${known} can be loaded`)
  }
  return version
}

function* readCount(window: HeaderWindow, what: "tensor" | "metadata"): Steps<number> {
  const offset = position(window)
  const count = yield* readUint64(window, `the ${what} count`)
  const limit = what === "tensor" ? window.limits.tensorCount : window.limits.metadataCount
  if (count > limit) {
    throw new GgufError(
      `${what}-count`,
      offset,
      `the file claims ${count} ${what} entries; the limit is ${limit}`,
    )
  }
  return count
}

function* readMetadata(window: HeaderWindow, count: number): Steps<Map<string, GgufEntry>> {
  if (count * SHORTEST_ENTRY_BYTES > bytesLeft(window)) {
    yield* need(window, count * SHORTEST_ENTRY_BYTES, `${count} metadata entries`)
  }
  const metadata = new Map<string, GgufEntry>()
  for (let index = 0; index < count; index++) {
    const offset = position(window)
    const key = yield* readString(window, window.limits.keyBytes, "key-length", `key ${index}`)
    if (key === "") throw new GgufError("key-empty", offset, `key ${index} is empty`)
    if (hasControlCharacter(key)) {
      throw new GgufError("key-characters", offset, `key ${index} holds a control character`)
    }
    if (metadata.has(key)) throw new GgufError("duplicate-key", offset, `the key ${key} appears twice`)
    metadata.set(key, yield* readEntry(window, key))
  }
  return metadata
}

function* readEntry(window: HeaderWindow, key: string): Steps<GgufEntry> {
  const type = yield* readValueType(window, key)
  if (type !== "array") {
    const offset = position(window)
    return { type, value: yield* readScalar(window, type, key), offset }
  }
  const itemType = yield* readValueType(window, key)
  const countOffset = position(window)
  if (itemType === "array") {
    throw new GgufError("nested-array", countOffset - 4, `${key} is an array of arrays`)
  }
  const count = yield* readUint64(window, key)
  if (count > window.limits.arrayItems) {
    throw new GgufError(
      "array-length",
      countOffset,
      `${key} claims ${count} items; the limit is ${window.limits.arrayItems}`,
    )
  }
  const offset = position(window)
  if (itemType === "string") return { type, value: yield* readStrings(window, count, key), offset }
  return { type, value: { itemType, count, items: yield* readItems(window, itemType, count, key) }, offset }
}

function* readValueType(window: HeaderWindow, key: string): Steps<GgufValueType> {
  const offset = position(window)
  const number = yield* readUint32(window, key)
  const type = VALUE_TYPES[number]
  if (type === undefined) {
    throw new GgufError("unknown-value-type", offset, `${key} has the unknown value type ${number}`)
  }
  return type
}

function* readScalar(
  window: HeaderWindow,
  type: Exclude<GgufValueType, "array">,
  key: string,
): Steps<GgufScalar> {
  if (type === "string") return yield* readString(window, window.limits.stringBytes, "string-length", key)
  const offset = position(window)
  const items = yield* readItems(window, type, 1, key)
  const value = items[0]
  if (value === undefined) throw new GgufError("truncated", offset, `${key} has no value`)
  return value
}

function readAlignment(metadata: ReadonlyMap<string, GgufEntry>, limit: number): number {
  const entry = metadata.get("general.alignment")
  if (entry === undefined) return DEFAULT_ALIGNMENT
  if (entry.type !== "uint32" || typeof entry.value !== "number") {
    throw new GgufError(
      "alignment-type",
      entry.offset,
      `general.alignment is of type ${entry.type}, not uint32`,
    )
  }
  const alignment = entry.value
  if (alignment === 0 || (alignment & (alignment - 1)) !== 0 || alignment > limit) {
    throw new GgufError(
      "alignment",
      entry.offset,
      `general.alignment is ${alignment}; it must be a power of two of at most ${limit}`,
    )
  }
  return alignment
}

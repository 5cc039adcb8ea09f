// The tensor descriptions of a GGUF header and where their data lies. Also the arithmetic that must not overflow:
// native code multiplies the same dimensions as 64-bit integers, so a wrapped product would make it read elsewhere.

import { ggmlType } from "./ggml-types.ts"
import { GgufError, type TensorInfo } from "./gguf-file.ts"
import {
  type HeaderWindow,
  hasControlCharacter,
  position,
  readString,
  readUint32,
  readUint64,
  type Steps,
} from "./header-window.ts"

/** A tensor as the header describes it, before its place in the file was checked. */
export interface TensorClaim extends TensorInfo {
  /** Where the header holds the data offset, for the error's offset. */
  readonly placeOffset: number
}

/** Reads one description; `names` holds those read before and gets this one's. */
export function* readTensor(window: HeaderWindow, names: Set<string>): Steps<TensorClaim> {
  const infoOffset = position(window)
  const what = `the description of tensor ${names.size}`
  const name = yield* readString(window, window.limits.tensorNameBytes, "tensor-name-length", what)
  if (name === "") throw new GgufError("tensor-name-length", infoOffset, `tensor ${names.size} has no name`)
  if (hasControlCharacter(name)) {
    throw new GgufError("tensor-name-characters", infoOffset, `${what} has a control character in its name`)
  }
  if (names.has(name)) {
    throw new GgufError("duplicate-tensor-name", infoOffset, `the tensor name ${name} appears twice`)
  }
  names.add(name)
  const dimensions = yield* readDimensions(window, name)
  const { type, sizeBytes } = yield* readType(window, name, dimensions)
  const placeOffset = position(window)
  const offset = yield* readUint64(window, name)
  return { name, dimensions, type, offset, sizeBytes, infoOffset, placeOffset }
}

function* readDimensions(window: HeaderWindow, name: string): Steps<number[]> {
  const countOffset = position(window)
  const count = yield* readUint32(window, name)
  if (count < 1 || count > window.limits.dimensions) {
    const allowed = `1 to ${window.limits.dimensions}`
    throw new GgufError(
      "tensor-dimension-count",
      countOffset,
      `${name} has ${count} dimensions; ${allowed} are possible`,
    )
  }
  const dimensions: number[] = []
  let items = 1
  for (let index = 0; index < count; index++) {
    const offset = position(window)
    const dimension = yield* readUint64(window, name)
    if (dimension < 1 || dimension > Number.MAX_SAFE_INTEGER) {
      throw new GgufError("tensor-dimension", offset, `${name}: dimension ${index} is ${dimension}`)
    }
    if (dimension > Number.MAX_SAFE_INTEGER / items) {
      throw new GgufError("tensor-elements", offset, `${name} claims more values than can be counted`)
    }
    items *= dimension
    dimensions.push(dimension)
  }
  return dimensions
}

function* readType(
  window: HeaderWindow,
  name: string,
  dimensions: readonly number[],
): Steps<{ type: string; sizeBytes: number }> {
  const offset = position(window)
  const id = yield* readUint32(window, name)
  const type = ggmlType(id)
  if (type === undefined)
    throw new GgufError("unknown-tensor-type", offset, `${name} has the unknown type ${id}`)
  const row = dimensions[0] ?? 1
  if (row % type.itemsPerBlock !== 0) {
    throw new GgufError(
      "tensor-row-blocks",
      offset,
      `${name}: a row of ${row} values is no whole number of ${type.name} blocks (${type.itemsPerBlock})`,
    )
  }
  const blocks = dimensions.reduce((product, dimension) => product * dimension, 1) / type.itemsPerBlock
  if (blocks > Number.MAX_SAFE_INTEGER / type.bytesPerBlock) {
    throw new GgufError("tensor-size", offset, `${name} claims more bytes than can be counted`)
  }
  return { type: type.name, sizeBytes: blocks * type.bytesPerBlock }
}

/** The next multiple of a power of two. */
export function padded(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

/**
 * Checks where the tensors lie: aligned, one directly after the other in the order of their descriptions (llama.cpp
 * accepts nothing else), and inside the file.
 */
export function placeTensors(
  claims: readonly TensorClaim[],
  file: { readonly dataOffset: number; readonly alignment: number; readonly fileSizeBytes: number },
): TensorInfo[] {
  let expected = 0
  return claims.map(({ placeOffset, ...tensor }) => {
    const { name, offset, sizeBytes } = tensor
    if (offset % file.alignment !== 0) {
      throw new GgufError(
        "tensor-offset-alignment",
        placeOffset,
        `${name}: its data offset ${offset} is no multiple of the alignment ${file.alignment}`,
      )
    }
    if (file.dataOffset + offset + sizeBytes > file.fileSizeBytes) {
      throw new GgufError(
        "tensor-past-end",
        placeOffset,
        `${name} ends at byte ${file.dataOffset + offset + sizeBytes}, but the file has only ${file.fileSizeBytes}; it may be cut off`,
      )
    }
    if (offset < expected) {
      throw new GgufError(
        "tensor-overlap",
        placeOffset,
        `${name} begins inside the data of the tensor before it`,
      )
    }
    if (offset > expected) {
      throw new GgufError(
        "tensor-gap",
        placeOffset,
        `${name} begins at data offset ${offset}, but the tensor before it ends at ${expected}`,
      )
    }
    expected = padded(offset + sizeBytes, file.alignment)
    return tensor
  })
}

// Encodes a GGUF header exactly as told, without checking anything: `writeGguf` gives it right numbers, and the
// builders of hostile files for tests give it wrong ones.

import type { GgufArray, GgufScalar, GgufValueType } from "./gguf-file.ts"

/** A metadata value to write; items of an array may come as any list of the right kind. */
export type WritableEntry =
  | { readonly type: Exclude<GgufValueType, "array">; readonly value: GgufScalar }
  | {
      readonly type: "array"
      readonly value: { readonly itemType: GgufArray["itemType"]; readonly items: ArrayLike<GgufScalar> }
    }

export interface EncodableTensor {
  readonly name: string
  readonly dimensions: readonly (number | bigint)[]
  /** Number of the ggml type. */
  readonly typeId: number
  /** From the start of the data section, bytes. */
  readonly offset: number | bigint
}

export interface EncodableHeader {
  readonly version: number
  readonly metadata: Iterable<readonly [key: string, entry: WritableEntry]>
  readonly tensors: readonly EncodableTensor[]
  /** What the file claims; defaults to what follows. */
  readonly tensorCount?: number | bigint
  readonly metadataCount?: number | bigint
}

const TYPE_NUMBERS: Readonly<Record<GgufValueType, number>> = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
}

type NumberType = Exclude<GgufArray["itemType"], "string">

/** How many bytes a value takes, and how it is written. */
const NUMBERS: Readonly<
  Record<
    NumberType,
    { readonly size: number; readonly set: (view: DataView, at: number, value: GgufScalar) => void }
  >
> = {
  uint8: { size: 1, set: (view, at, value) => view.setUint8(at, Number(value)) },
  int8: { size: 1, set: (view, at, value) => view.setInt8(at, Number(value)) },
  uint16: { size: 2, set: (view, at, value) => view.setUint16(at, Number(value), true) },
  int16: { size: 2, set: (view, at, value) => view.setInt16(at, Number(value), true) },
  uint32: { size: 4, set: (view, at, value) => view.setUint32(at, Number(value), true) },
  int32: { size: 4, set: (view, at, value) => view.setInt32(at, Number(value), true) },
  float32: { size: 4, set: (view, at, value) => view.setFloat32(at, Number(value), true) },
  bool: { size: 1, set: (view, at, value) => view.setUint8(at, Number(value)) },
  uint64: { size: 8, set: (view, at, value) => view.setBigUint64(at, BigInt(value), true) },
  int64: { size: 8, set: (view, at, value) => view.setBigInt64(at, BigInt(value), true) },
  float64: { size: 8, set: (view, at, value) => view.setFloat64(at, Number(value), true) },
}

/** Magic, counts, metadata and tensor descriptions; the padding up to the data is the caller's. */
export function encodeHeader(header: EncodableHeader): Uint8Array {
  const entries = [...header.metadata]
  const parts: Uint8Array[] = [
    new TextEncoder().encode("GGUF"),
    uint(header.version, 4),
    uint(header.tensorCount ?? header.tensors.length, 8),
    uint(header.metadataCount ?? entries.length, 8),
  ]
  for (const [key, entry] of entries)
    parts.push(text(key), uint(TYPE_NUMBERS[entry.type], 4), ...encodeEntry(entry))
  for (const { name, dimensions, typeId, offset } of header.tensors) {
    parts.push(text(name), uint(dimensions.length, 4))
    for (const dimension of dimensions) parts.push(uint(dimension, 8))
    parts.push(uint(typeId, 4), uint(offset, 8))
  }
  return joined(parts)
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function encodeEntry(entry: WritableEntry): Uint8Array[] {
  if (entry.type !== "array") return [encodeItems(entry.type, [entry.value])]
  const { itemType, items } = entry.value
  return [uint(TYPE_NUMBERS[itemType], 4), uint(items.length, 8), encodeItems(itemType, items)]
}

function encodeItems(type: GgufArray["itemType"], items: ArrayLike<GgufScalar>): Uint8Array {
  if (type === "string") return joined(Array.from(items, (item) => text(String(item))))
  const { size, set } = NUMBERS[type]
  const bytes = new Uint8Array(items.length * size)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < items.length; index++) set(view, index * size, items[index] ?? 0)
  return bytes
}

function uint(value: number | bigint, size: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  if (size === 4) view.setUint32(0, Number(value), true)
  else view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true)
  return bytes
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value)
  return joined([uint(bytes.length, 8), bytes])
}

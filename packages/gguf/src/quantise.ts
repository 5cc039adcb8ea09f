// From floats to blocks: bit for bit what llama.cpp's reference quantisers write (`quantize_row_*_ref` of
// ggml-quants.c, v0.5.0). All arithmetic is in 32-bit floats, so every step is rounded as there.

import { ggmlType } from "./ggml-types.ts"
import { bfloat16OfBits, halfOfBits, toHalf } from "./half.ts"

/** Encodes one block of values, or any number of them where a value is a block, into `view` from byte `at`. */
type Encode = (values: Float32Array, view: DataView, at: number) => void

/** Values of one block in the 32-value formats. */
const BLOCK = 32
const HALF_BLOCK = 16

/** The types that can be written. */
export type EncodableType = "F32" | "F16" | "BF16" | "Q4_0" | "Q4_1" | "Q5_0" | "Q5_1" | "Q8_0"

const ENCODERS: Readonly<Record<EncodableType, Encode>> = {
  F32: (values, view, at) => {
    for (const [index, value] of values.entries()) view.setFloat32(at + index * 4, value, true)
  },
  F16: (values, view, at) => {
    for (const [index, bits] of bitsOf(values).entries())
      view.setUint16(at + index * 2, halfOfBits(bits), true)
  },
  BF16: (values, view, at) => {
    for (const [index, bits] of bitsOf(values).entries())
      view.setUint16(at + index * 2, bfloat16OfBits(bits), true)
  },
  Q4_0: (values, view, at) => {
    const levels = symmetric(values, view, { at, least: -8 })
    packNibbles(levels, view, at + 2)
  },
  Q4_1: (values, view, at) => {
    const levels = shifted(values, view, { at, most: 15 })
    packNibbles(levels, view, at + 4)
  },
  Q5_0: (values, view, at) => {
    const levels = symmetric(values, view, { at, least: -16 })
    view.setUint32(at + 2, fifthBits(levels), true)
    packNibbles(levels, view, at + 6)
  },
  Q5_1: (values, view, at) => {
    const levels = shifted(values, view, { at, most: 31 })
    view.setUint32(at + 4, fifthBits(levels), true)
    packNibbles(levels, view, at + 8)
  },
  Q8_0: (values, view, at) => {
    let largest = 0
    for (const value of values) largest = Math.max(largest, Math.abs(value))
    const scale = Math.fround(largest / 127)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    view.setUint16(at, toHalf(scale), true)
    values.forEach((value, index) => {
      const scaled = Math.fround(value * inverse)
      // C's roundf: halves away from zero.
      view.setInt8(at + 2 + index, Math.trunc(Math.fround(scaled + (scaled < 0 ? -0.5 : 0.5))))
    })
  },
}

/**
 * Encodes values as a tensor of this type.
 *
 * @param values as many as fill whole blocks.
 * @throws RangeError when they do not.
 */
export function quantise(typeName: EncodableType, values: Float32Array): Uint8Array {
  const type = ggmlType(typeName)
  if (type === undefined || values.length % type.itemsPerBlock !== 0) {
    throw new RangeError(`${values.length} values are no whole number of ${typeName} blocks`)
  }
  const { itemsPerBlock, bytesPerBlock } = type
  const bytes = new Uint8Array((values.length / itemsPerBlock) * bytesPerBlock)
  const view = new DataView(bytes.buffer)
  const encode = ENCODERS[typeName]
  if (itemsPerBlock === 1) encode(values, view, 0)
  else
    for (let from = 0, at = 0; from < values.length; from += itemsPerBlock, at += bytesPerBlock) {
      encode(values.subarray(from, from + itemsPerBlock), view, at)
    }
  return bytes
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer)
}

/** Scale from the value of the largest magnitude, which becomes the lowest level; writes the scale. */
function symmetric(
  values: Float32Array,
  view: DataView,
  { at, least }: { readonly at: number; readonly least: -8 | -16 },
): Uint8Array {
  let magnitude = 0
  let largest = 0
  for (const value of values) {
    if (magnitude < Math.abs(value)) {
      magnitude = Math.abs(value)
      largest = value
    }
  }
  const scale = Math.fround(largest / least)
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
  view.setUint16(at, toHalf(scale), true)
  return Uint8Array.from(values, (value) => {
    const level = Math.trunc(Math.fround(Math.fround(value * inverse) + (0.5 - least)))
    return Math.min(-2 * least - 1, level)
  })
}

/** Scale from the range, and the minimum; writes both. */
function shifted(
  values: Float32Array,
  view: DataView,
  { at, most }: { readonly at: number; readonly most: 15 | 31 },
): Uint8Array {
  let least = Number.POSITIVE_INFINITY
  let largest = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < least) least = value
    if (value > largest) largest = value
  }
  const scale = Math.fround(Math.fround(largest - least) / most)
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
  view.setUint16(at, toHalf(scale), true)
  view.setUint16(at + 2, toHalf(least), true)
  return Uint8Array.from(values, (value) => {
    const scaled = Math.fround(Math.fround(value - least) * inverse)
    return Math.min(most, Math.trunc(Math.fround(scaled + 0.5)))
  })
}

/** The first half of a block in the low four bits, the second half in the high ones. */
function packNibbles(levels: Uint8Array, view: DataView, at: number): void {
  for (let index = 0; index < HALF_BLOCK; index++) {
    const low = (levels[index] ?? 0) & 15
    const high = (levels[index + HALF_BLOCK] ?? 0) & 15
    view.setUint8(at + index, low | (high << 4))
  }
}

function fifthBits(levels: Uint8Array): number {
  let bits = 0
  for (let index = 0; index < BLOCK; index++) bits |= (((levels[index] ?? 0) >>> 4) & 1) << index
  return bits >>> 0
}

// From blocks to floats: bit for bit what llama.cpp computes (`dequantize_row_*` of ggml-quants.c, v0.5.0). The
// formats of 256 values are in `dequantise-k.ts`.

import { K_DECODERS } from "./dequantise-k.ts"
import { ggmlType } from "./ggml-types.ts"
import { fromHalf } from "./half.ts"

/** Fills `out`, one block long or any length where a value is a block, from byte `at` of `view`. */
export type Decode = (view: DataView, at: number, out: Float32Array) => void

/** The types that can be read. */
export type DecodableType =
  | "F32"
  | "F16"
  | "BF16"
  | "Q4_0"
  | "Q4_1"
  | "Q5_0"
  | "Q5_1"
  | "Q8_0"
  | "Q2_K"
  | "Q3_K"
  | "Q4_K"
  | "Q5_K"
  | "Q6_K"

const DECODERS: Readonly<Record<DecodableType, Decode>> = {
  F32: (view, at, out) => {
    for (let index = 0; index < out.length; index++) out[index] = view.getFloat32(at + index * 4, true)
  },
  F16: (view, at, out) => {
    for (let index = 0; index < out.length; index++)
      out[index] = fromHalf(view.getUint16(at + index * 2, true))
  },
  BF16: (view, at, out) => {
    // The upper half of a float's 32 bits.
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
    for (let index = 0; index < out.length; index++) bits[index] = view.getUint16(at + index * 2, true) << 16
  },
  Q4_0: (view, at, out) => {
    const scale = fromHalf(view.getUint16(at, true))
    eachNibble(view, at + 2, (level, index) => {
      out[index] = (level - 8) * scale
    })
  },
  Q4_1: (view, at, out) => {
    const scale = fromHalf(view.getUint16(at, true))
    const least = fromHalf(view.getUint16(at + 2, true))
    eachNibble(view, at + 4, (level, index) => {
      out[index] = Math.fround(level * scale) + least
    })
  },
  Q5_0: (view, at, out) => {
    const scale = fromHalf(view.getUint16(at, true))
    const fifth = view.getUint32(at + 2, true)
    eachNibble(view, at + 6, (level, index) => {
      out[index] = ((level | (((fifth >>> index) & 1) << 4)) - 16) * scale
    })
  },
  Q5_1: (view, at, out) => {
    const scale = fromHalf(view.getUint16(at, true))
    const least = fromHalf(view.getUint16(at + 2, true))
    const fifth = view.getUint32(at + 4, true)
    eachNibble(view, at + 8, (level, index) => {
      out[index] = Math.fround((level | (((fifth >>> index) & 1) << 4)) * scale) + least
    })
  },
  Q8_0: (view, at, out) => {
    const scale = fromHalf(view.getUint16(at, true))
    for (let index = 0; index < 32; index++) out[index] = view.getInt8(at + 2 + index) * scale
  },
  ...K_DECODERS,
}

/**
 * Decodes the bytes of a tensor of this type.
 *
 * @throws RangeError when they are no whole number of blocks.
 */
export function dequantise(typeName: DecodableType, bytes: Uint8Array): Float32Array {
  const type = ggmlType(typeName)
  if (type === undefined || bytes.length % type.bytesPerBlock !== 0) {
    throw new RangeError(`${bytes.length} bytes are no whole number of ${typeName} blocks`)
  }
  const { itemsPerBlock, bytesPerBlock } = type
  const values = new Float32Array((bytes.length / bytesPerBlock) * itemsPerBlock)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decode = DECODERS[typeName]
  if (itemsPerBlock === 1) decode(view, 0, values)
  else
    for (let at = 0, from = 0; at < bytes.length; at += bytesPerBlock, from += itemsPerBlock) {
      decode(view, at, values.subarray(from, from + itemsPerBlock))
    }
  return values
}

/** The low four bits of the bytes are the first half of a block, the high ones the second. */
function eachNibble(view: DataView, at: number, use: (level: number, index: number) => void): void {
  for (let index = 0; index < 16; index++) {
    const byte = view.getUint8(at + index)
    use(byte & 15, index)
    use(byte >>> 4, index + 16)
  }
}

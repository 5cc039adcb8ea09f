// The "K" formats: 256 values a block, in groups with scales of their own. Layouts: ggml-common.h of llama.cpp v0.5.0.

import { fromHalf } from "./half.ts"

type Decode = (view: DataView, at: number, out: Float32Array) => void

const { fround } = Math

export const K_DECODERS = {
  Q2_K: decodeQ2,
  Q3_K: decodeQ3,
  Q4_K: decodeQ4,
  Q5_K: decodeQ5,
  Q6_K: decodeQ6,
} as const satisfies Record<string, Decode>

/** 16 bytes of scale (low 4 bits) and minimum (high) for 16 values each, 64 bytes of levels, two halves. */
function decodeQ2(view: DataView, at: number, out: Float32Array): void {
  const scale = fromHalf(view.getUint16(at + 80, true))
  const least = fromHalf(view.getUint16(at + 82, true))
  for (let index = 0; index < 256; index++) {
    const group = view.getUint8(at + (index >>> 4))
    const byte = view.getUint8(at + 16 + (index >>> 7) * 32 + (index & 31))
    const level = (byte >>> (((index >>> 5) & 3) * 2)) & 3
    out[index] = fround(fround(scale * (group & 15)) * level) - fround(least * (group >>> 4))
  }
}

/** 32 bytes of third bits, 64 bytes of levels, 12 bytes that hold 16 scales of 6 bits, one half. */
function decodeQ3(view: DataView, at: number, out: Float32Array): void {
  const scale = fromHalf(view.getUint16(at + 108, true))
  for (let index = 0; index < 256; index++) {
    const group = index >>> 4
    const low = view.getUint8(at + 96 + (group & 7)) >>> (group < 8 ? 0 : 4)
    const high = view.getUint8(at + 96 + 8 + (group & 3)) >>> ((group >>> 2) * 2)
    const factor = ((low & 15) | ((high & 3) << 4)) - 32
    const byte = view.getUint8(at + 32 + (index >>> 7) * 32 + (index & 31))
    const third = (view.getUint8(at + (index & 31)) >>> (index >>> 5)) & 1
    const level = ((byte >>> (((index >>> 5) & 3) * 2)) & 3) - (third === 1 ? 0 : 4)
    out[index] = fround(scale * factor) * level
  }
}

/** Two halves, 12 bytes that hold 8 scales and 8 minimums of 6 bits, 128 bytes of levels. */
function decodeQ4(view: DataView, at: number, out: Float32Array): void {
  const scale = fromHalf(view.getUint16(at, true))
  const least = fromHalf(view.getUint16(at + 2, true))
  for (let index = 0; index < 256; index++) {
    const group = index >>> 5
    const byte = view.getUint8(at + 16 + (group >>> 1) * 32 + (index & 31))
    const level = (group & 1) === 0 ? byte & 15 : byte >>> 4
    const { factor, shift } = packedScales(view, at + 4, group)
    out[index] = fround(fround(scale * factor) * level) - fround(least * shift)
  }
}

/** As Q4_K, with 32 bytes of fifth bits before the levels. */
function decodeQ5(view: DataView, at: number, out: Float32Array): void {
  const scale = fromHalf(view.getUint16(at, true))
  const least = fromHalf(view.getUint16(at + 2, true))
  for (let index = 0; index < 256; index++) {
    const group = index >>> 5
    const byte = view.getUint8(at + 48 + (group >>> 1) * 32 + (index & 31))
    const fifth = (view.getUint8(at + 16 + (index & 31)) >>> group) & 1
    const level = ((group & 1) === 0 ? byte & 15 : byte >>> 4) + fifth * 16
    const { factor, shift } = packedScales(view, at + 4, group)
    out[index] = fround(fround(scale * factor) * level) - fround(least * shift)
  }
}

function packedScales(view: DataView, at: number, group: number): { factor: number; shift: number } {
  if (group < 4) return { factor: view.getUint8(at + group) & 63, shift: view.getUint8(at + group + 4) & 63 }
  const low = view.getUint8(at + group + 4)
  return {
    factor: (low & 15) | ((view.getUint8(at + group - 4) >>> 6) << 4),
    shift: (low >>> 4) | ((view.getUint8(at + group) >>> 6) << 4),
  }
}

/** 128 bytes of low bits, 64 bytes of high ones, 16 signed scales, one half. */
function decodeQ6(view: DataView, at: number, out: Float32Array): void {
  const scale = fromHalf(view.getUint16(at + 208, true))
  for (let index = 0; index < 256; index++) {
    const half = index >>> 7
    const quarter = (index >>> 5) & 3
    const low = view.getUint8(at + half * 64 + (quarter & 1) * 32 + (index & 31)) >>> (quarter < 2 ? 0 : 4)
    const high = view.getUint8(at + 128 + half * 32 + (index & 31)) >>> (quarter * 2)
    const level = ((low & 15) | ((high & 3) << 4)) - 32
    out[index] = fround(scale * view.getInt8(at + 192 + (index >>> 4))) * level
  }
}

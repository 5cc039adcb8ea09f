import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type DecodableType, dequantise } from "./dequantise.ts"
import { ggmlType } from "./ggml-types.ts"
import { fromHalf, toHalf } from "./half.ts"
import { type EncodableType, quantise } from "./quantise.ts"
// Made by the library of llama.cpp v0.5.0: ggml_quantize_chunk and dequantize_row_* over the same 256 values.
import golden from "./quantise-golden.json" with { type: "json" }

const bytes = (base64: string) => Uint8Array.from(Buffer.from(base64, "base64"))
const floats = (base64: string) => new Float32Array(bytes(base64).buffer)

const ENCODABLE = ["F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"] as const
const DECODABLE = [...ENCODABLE, "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"] as const

describe("blocks, against the library", () => {
  it.each(ENCODABLE)("%s is encoded bit for bit", (type) => {
    expect(quantise(type, floats(golden.values))).toEqual(bytes(golden.types[type].blocks))
  })

  it.each(DECODABLE)("%s is decoded bit for bit", (type) => {
    expect(dequantise(type, bytes(golden.types[type].blocks))).toEqual(floats(golden.types[type].values))
  })
})

describe("blocks", () => {
  const TOLERANCE: Record<EncodableType, number> = {
    F32: 0,
    F16: 2 ** -11,
    BF16: 2 ** -8,
    Q8_0: 1 / 200,
    Q5_0: 1 / 15,
    Q5_1: 1 / 15,
    Q4_0: 1 / 7,
    Q4_1: 1 / 7,
  }

  it("come back close to the values, whatever they are", () => {
    const types = fc.constantFrom(...(Object.keys(TOLERANCE) as EncodableType[]))
    const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
      minLength: 32,
      maxLength: 32,
    })
    fc.assert(
      fc.property(types, values, (type, list) => {
        const input = Float32Array.from(list)
        const output = dequantise(type, quantise(type, input))
        const largest = Math.max(...input.map(Math.abs))
        for (const [index, value] of input.entries()) {
          const allowed = TOLERANCE[type] * largest + 2 ** -13
          expect(Math.abs((output[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(allowed)
        }
      }),
    )
  })

  it("are zeros for zeros", () => {
    for (const type of ENCODABLE) {
      expect(dequantise(type, quantise(type, new Float32Array(32))).every((value) => value === 0)).toBe(true)
    }
  })

  it("refuse what is no whole number of blocks", () => {
    expect(() => quantise("Q4_0", new Float32Array(31))).toThrow(RangeError)
    expect(() => dequantise("Q6_K", new Uint8Array(209))).toThrow(RangeError)
  })

  it("take a view at any address", () => {
    const encoded = quantise("BF16", Float32Array.from([1, 2, 3]))
    const shifted = new Uint8Array(encoded.length + 1)
    shifted.set(encoded, 1)
    expect(dequantise("BF16", shifted.subarray(1))).toEqual(Float32Array.from([1, 2, 3]))
  })

  it("have the size that the table says", () => {
    for (const type of ENCODABLE) {
      const { itemsPerBlock, bytesPerBlock } = ggmlType(type)!
      expect(quantise(type, new Float32Array(256)).length).toBe((256 / itemsPerBlock) * bytesPerBlock)
    }
  })
})

describe("half precision", () => {
  it("gives all 65,536 values back", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = fromHalf(bits)
      if (!Number.isNaN(value)) expect(toHalf(value)).toBe(bits)
    }
  })

  it.each([
    [65_504, 0x7bff],
    [65_519.99, 0x7bff],
    [65_520, 0x7c00],
    [-1e30, 0xfc00],
    [2 ** -25, 0],
    [2 ** -25 * 1.0001, 1],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.NaN, 0x7e00],
  ])("%d is %i", (value, bits) => {
    expect(toHalf(value)).toBe(bits)
  })
})

// Types with the golden file: a name missing there would be a type error, not a skipped test.
const _covered: readonly DecodableType[] = DECODABLE
void _covered

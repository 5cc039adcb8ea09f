import { describe, expect, it } from "vitest"
import { GGML_TYPES, ggmlType, tensorBytes } from "./ggml-types.ts"

// Printed by ggml_type_name, ggml_blck_size and ggml_type_size of the library of llama.cpp v0.5.0.
const LIBRARY = `
0 f32 1 4, 1 f16 1 2, 2 q4_0 32 18, 3 q4_1 32 20, 6 q5_0 32 22, 7 q5_1 32 24, 8 q8_0 32 34, 9 q8_1 32 36,
10 q2_K 256 84, 11 q3_K 256 110, 12 q4_K 256 144, 13 q5_K 256 176, 14 q6_K 256 210, 15 q8_K 256 292,
16 iq2_xxs 256 66, 17 iq2_xs 256 74, 18 iq3_xxs 256 98, 19 iq1_s 256 50, 20 iq4_nl 32 18, 21 iq3_s 256 110,
22 iq2_s 256 82, 23 iq4_xs 256 136, 24 i8 1 1, 25 i16 1 2, 26 i32 1 4, 27 i64 1 8, 28 f64 1 8, 29 iq1_m 256 56,
30 bf16 1 2, 34 tq1_0 256 54, 35 tq2_0 256 66, 39 mxfp4 32 17, 40 nvfp4 64 36, 41 q1_0 128 18, 42 q2_0 64 18`

describe("ggml types", () => {
  it("are those of the library", () => {
    const ours = GGML_TYPES.map(({ id, name, itemsPerBlock, bytesPerBlock }) =>
      [id, name, itemsPerBlock, bytesPerBlock].join(" "),
    )
    expect(ours.map((line) => line.toUpperCase())).toEqual(
      LIBRARY.split(",").map((line) => line.trim().toUpperCase()),
    )
  })

  it("are found by name and by id, and removed ids are unknown", () => {
    expect(ggmlType("Q4_K")?.id).toBe(12)
    expect(ggmlType(12)?.name).toBe("Q4_K")
    for (const removed of [4, 5, 31, 33, 36, 38, 43, -1, 2 ** 32]) expect(ggmlType(removed)).toBeUndefined()
    expect(ggmlType("q4_k")).toBeUndefined()
  })

  it.each([
    ["F32", [576], 2304],
    ["Q4_1", [576, 49152], (576 / 32) * 20 * 49152],
    ["Q6_K", [256, 3, 2], 210 * 6],
    ["MXFP4", [64, 2], 17 * 4],
  ] as const)("%s of %j takes %i bytes", (type, dimensions, bytes) => {
    expect(tensorBytes(type, dimensions)).toBe(bytes)
  })

  it.each([
    ["Q4_0", [33]],
    ["Q4_K", [128, 2]],
    ["F32", [0]],
    ["F32", [-1]],
    ["F32", [1.5]],
    ["F32", [2 ** 30, 2 ** 30]],
    ["F32", [2 ** 52]],
    ["Q1_0", [2 ** 47, 2 ** 7]],
    ["Q4_2", [32]],
  ] as const)("%s of %j is refused", (type, dimensions) => {
    expect(() => tensorBytes(type, dimensions)).toThrow(RangeError)
  })
})

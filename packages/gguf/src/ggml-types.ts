// The ggml tensor types that a GGUF file may hold: ids and block sizes of llama.cpp v0.5.0 (`ggml.h`, `ggml.c`).
// What the bytes of a block mean is in `quantise.ts` and `dequantise.ts`, not here.

export interface GgmlType {
  readonly name: string
  readonly id: number
  /** Values that share one block; a row's length is a multiple of it. */
  readonly itemsPerBlock: number
  readonly bytesPerBlock: number
  /** `weight`: llama.cpp multiplies with it. `storage`: only an intermediate or an index type, refused in models. */
  readonly use: "weight" | "storage"
}

const type = (
  name: string,
  id: number,
  itemsPerBlock: number,
  bytesPerBlock: number,
  use: GgmlType["use"] = "weight",
): GgmlType => Object.freeze({ name, id, itemsPerBlock, bytesPerBlock, use })

/** Ids 4, 5, 31–33 and 36–38 were removed upstream and are refused like unknown ones. */
export const GGML_TYPES: readonly GgmlType[] = Object.freeze([
  type("F32", 0, 1, 4),
  type("F16", 1, 1, 2),
  type("Q4_0", 2, 32, 18),
  type("Q4_1", 3, 32, 20),
  type("Q5_0", 6, 32, 22),
  type("Q5_1", 7, 32, 24),
  type("Q8_0", 8, 32, 34),
  type("Q8_1", 9, 32, 36, "storage"),
  type("Q2_K", 10, 256, 84),
  type("Q3_K", 11, 256, 110),
  type("Q4_K", 12, 256, 144),
  type("Q5_K", 13, 256, 176),
  type("Q6_K", 14, 256, 210),
  type("Q8_K", 15, 256, 292, "storage"),
  type("IQ2_XXS", 16, 256, 66),
  type("IQ2_XS", 17, 256, 74),
  type("IQ3_XXS", 18, 256, 98),
  type("IQ1_S", 19, 256, 50),
  type("IQ4_NL", 20, 32, 18),
  type("IQ3_S", 21, 256, 110),
  type("IQ2_S", 22, 256, 82),
  type("IQ4_XS", 23, 256, 136),
  type("I8", 24, 1, 1, "storage"),
  type("I16", 25, 1, 2, "storage"),
  type("I32", 26, 1, 4, "storage"),
  type("I64", 27, 1, 8, "storage"),
  type("F64", 28, 1, 8, "storage"),
  type("IQ1_M", 29, 256, 56),
  type("BF16", 30, 1, 2),
  type("TQ1_0", 34, 256, 54),
  type("TQ2_0", 35, 256, 66),
  type("MXFP4", 39, 32, 17),
  type("NVFP4", 40, 64, 36),
  type("Q1_0", 41, 128, 18),
  type("Q2_0", 42, 64, 18),
])

const BY_ID: ReadonlyMap<number, GgmlType> = new Map(GGML_TYPES.map((each) => [each.id, each]))
const BY_NAME: ReadonlyMap<string, GgmlType> = new Map(GGML_TYPES.map((each) => [each.name, each]))

/** The type with this id (a number) or this upper-case name; undefined where llama.cpp knows none. */
export function ggmlType(key: number | string): GgmlType | undefined {
  return typeof key === "number" ? BY_ID.get(key) : BY_NAME.get(key)
}

/**
 * Bytes of a tensor of this type.
 *
 * @param dimensions ggml order, row length first; each a whole number of at least 1.
 * @throws RangeError for an unknown type, a row that is no whole number of blocks, or a size beyond 2^53.
 */
export function tensorBytes(typeName: string, dimensions: readonly number[]): number {
  const known = ggmlType(typeName)
  if (known === undefined) throw new RangeError(`unknown tensor type ${typeName}`)
  let items = 1
  for (const dimension of dimensions) {
    if (!Number.isSafeInteger(dimension) || dimension < 1) throw new RangeError(`dimension ${dimension}`)
    items *= dimension
    if (!Number.isSafeInteger(items)) throw new RangeError("more than 2^53 values")
  }
  const row = dimensions[0] ?? 1
  if (row % known.itemsPerBlock !== 0) {
    throw new RangeError(
      `a row of ${row} is no whole number of ${known.name} blocks (${known.itemsPerBlock})`,
    )
  }
  const bytes = (items / known.itemsPerBlock) * known.bytesPerBlock
  if (!Number.isSafeInteger(bytes)) throw new RangeError("more than 2^53 bytes")
  return bytes
}

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bufferSource } from "./byte-source.ts"
import { joined, type WritableEntry } from "./encode-header.ts"
import { tensorBytes } from "./ggml-types.ts"
import type { GgufScalar } from "./gguf-file.ts"
import { readHeader } from "./read-header.ts"
import { TINY_LIMITS } from "./testing/limits.ts"
import { type WritableGguf, writeGguf } from "./write-gguf.ts"

async function written(file: WritableGguf): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const size = await writeGguf(file, (piece) => {
    pieces.push(piece.slice())
  })
  const bytes = joined(pieces)
  expect(size).toBe(bytes.length)
  return bytes
}

const SCALARS = {
  uint8: fc.integer({ min: 0, max: 255 }),
  int8: fc.integer({ min: -128, max: 127 }),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  float32: fc.float({ noNaN: true }),
  bool: fc.boolean(),
  string: fc.string({ unit: "binary", maxLength: 200 }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float64: fc.double({ noNaN: true }),
} as const

const types = Object.keys(SCALARS) as (keyof typeof SCALARS)[]

const entries: fc.Arbitrary<WritableEntry> = fc.constantFrom(...types).chain((type) => {
  const value: fc.Arbitrary<GgufScalar> = SCALARS[type]
  return fc.oneof(
    value.map((scalar): WritableEntry => ({ type, value: scalar })),
    fc
      .array(value, { maxLength: 40 })
      .map((items): WritableEntry => ({ type: "array", value: { itemType: type, items } })),
  )
})

const tensors = fc.record({
  type: fc.constantFrom("F32", "F16", "Q4_0", "Q6_K", "MXFP4"),
  rows: fc.integer({ min: 1, max: 3 }),
})

describe("writing", () => {
  it("gives what reading takes, whatever it is", async () => {
    const keys = fc.stringMatching(/^[a-z][a-z0-9._-]{0,40}$/).filter((key) => key !== "general.alignment")
    const metadata = fc.uniqueArray(fc.tuple(keys, entries), { selector: ([key]) => key, maxLength: 12 })
    const alignments = fc.constantFrom(undefined, 1, 32, 64, 4096)
    await fc.assert(
      fc.asyncProperty(
        metadata,
        fc.array(tensors, { maxLength: 5 }),
        alignments,
        async (list, shapes, alignment) => {
          const declared = shapes.map(({ type, rows }, index) => {
            const dimensions = [256, rows]
            return {
              name: `t${index}`,
              type,
              dimensions,
              data: new Uint8Array(tensorBytes(type, dimensions)).fill(index + 1),
            }
          })
          const aligned: [string, WritableEntry][] =
            alignment === undefined ? [] : [["general.alignment", { type: "uint32", value: alignment }]]
          const bytes = await written({ metadata: [...list, ...aligned], tensors: declared })
          const header = await readHeader(bufferSource(bytes), { limits: TINY_LIMITS })
          expect(header.alignment).toBe(alignment ?? 32)
          expect(header.metadata.size).toBe(list.length + aligned.length)
          for (const [key, entry] of list) expectSame(header.metadata.get(key), entry)
          expect(header.tensors.map(({ name, type, dimensions }) => ({ name, type, dimensions }))).toEqual(
            declared.map(({ name, type, dimensions }) => ({ name, type, dimensions })),
          )
          for (const [index, { offset, sizeBytes }] of header.tensors.entries()) {
            const data = bytes.subarray(header.dataOffset + offset, header.dataOffset + offset + sizeBytes)
            expect(data).toEqual(declared[index]!.data)
          }
        },
      ),
    )
  })

  function expectSame(read: { type: string; value: unknown } | undefined, entry: WritableEntry): void {
    expect(read?.type).toBe(entry.type)
    if (entry.type !== "array") expect(read?.value).toEqual(entry.value)
    else {
      const array = read?.value as { itemType: string; count: number; items: ArrayLike<unknown> }
      expect(array.itemType).toBe(entry.value.itemType)
      expect(array.count).toBe(entry.value.items.length)
      expect(Array.from(array.items)).toEqual(Array.from(entry.value.items))
    }
  }

  it("takes a tensor in pieces", async () => {
    async function* pieces() {
      yield new Uint8Array([1, 2, 3])
      yield new Uint8Array([4])
    }
    const tensor = { name: "t", dimensions: [1], type: "F32" }
    const bytes = await written({ metadata: [], tensors: [{ ...tensor, data: pieces() }] })
    expect([...bytes.slice(-32, -28)]).toEqual([1, 2, 3, 4])
  })

  it.each([3, 5])("refuses a tensor of 4 bytes with %i", async (length) => {
    const tensor = { name: "t", dimensions: [1], type: "F32", data: new Uint8Array(length) }
    await expect(written({ metadata: [], tensors: [tensor] })).rejects.toThrow("needs 4 bytes")
  })

  it("refuses an alignment that is no power of two", async () => {
    const metadata: [string, WritableEntry][] = [["general.alignment", { type: "uint32", value: 3 }]]
    await expect(written({ metadata, tensors: [] })).rejects.toThrow("alignment 3")
  })

  it("stops when told to", async () => {
    const tensor = { name: "t", dimensions: [1], type: "F32", data: new Uint8Array(4) }
    const run = writeGguf({ metadata: [], tensors: [tensor] }, () => {}, AbortSignal.abort(new Error("stop")))
    await expect(run).rejects.toThrow("stop")
  })
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bufferSource } from "./byte-source.ts"
import { type EncodableHeader, encodeHeader, joined, type WritableEntry } from "./encode-header.ts"
import { type ByteSource, GgufError, type GgufLimits } from "./gguf-file.ts"
import { readHeader } from "./read-header.ts"
import { TINY_LIMITS } from "./testing/limits.ts"
import { buildTinyModel } from "./testing/tiny-model.ts"

const VALID = buildTinyModel()
const HEADER = await readHeader(bufferSource(VALID), { limits: TINY_LIMITS })

/** Places of the fields of the second tensor, `blk.0.attn_norm.weight`, one dimension, F32. */
const TENSOR = HEADER.tensors[1]!
const DIMENSIONS = TENSOR.infoOffset + 8 + TENSOR.name.length
const PLACES = {
  count: DIMENSIONS,
  dimension: DIMENSIONS + 4,
  type: DIMENSIONS + 12,
  offset: DIMENSIONS + 16,
}

function offsetOf(key: string): number {
  return HEADER.metadata.get(key)!.offset
}

function patched(offset: number, value: bigint | number, size: 1 | 4 | 8): Uint8Array {
  const bytes = VALID.slice()
  const view = new DataView(bytes.buffer)
  if (size === 8) view.setBigUint64(offset, BigInt(value), true)
  else if (size === 4) view.setUint32(offset, Number(value), true)
  else view.setUint8(offset, Number(value))
  return bytes
}

async function refusal(bytes: Uint8Array, limits: GgufLimits = TINY_LIMITS): Promise<string> {
  try {
    await readHeader(bufferSource(bytes), { limits })
    return "valid"
  } catch (error) {
    if (error instanceof GgufError) return `${error.rule} @${error.offset}`
    throw error
  }
}

describe("a valid header", () => {
  it("is read whole", () => {
    expect(HEADER).toMatchObject({ version: 3, alignment: 32, fileSizeBytes: VALID.length })
    expect(HEADER.metadata.get("llama.block_count")).toMatchObject({ type: "uint32", value: 1 })
    expect(HEADER.tensors[0]).toMatchObject({ name: "token_embd.weight", type: "F32", offset: 0 })
    expect(HEADER.dataOffset % 32).toBe(0)
  })

  it("may be of version 2", async () => {
    expect(await refusal(patched(4, 2, 4))).toBe("valid")
  })

  it("gives its strings only when asked, and always the same ones", () => {
    const entry = HEADER.metadata.get("tokenizer.ggml.tokens")!
    if (entry.type !== "array") throw new Error("tokens are an array")
    expect(entry.value.items.length).toBe(entry.value.count)
    expect(entry.value.items).toBe(entry.value.items)
    expect(entry.value.longestBytes).toBe("<start_of_turn>".length)
  })

  it("keeps strings with NULs, long ones and a byte order mark as they are", async () => {
    const items = ["a\0b", "\0".repeat(9), "", "\ufeffx", "é".repeat(100), "😀", "x".repeat(300), "\0"]
    const metadata: [string, WritableEntry][] = [
      ["a", { type: "array", value: { itemType: "string", items } }],
    ]
    const bytes = encodeHeader({ version: 3, metadata, tensors: [] })
    const header = await readHeader(bufferSource(bytes), { limits: TINY_LIMITS })
    const entry = header.metadata.get("a")!
    expect(entry.type === "array" && Array.from(entry.value.items)).toEqual(items)
  })
})

describe("rules of the format", () => {
  const typeOf = (key: string) => offsetOf(key) - 4
  const template = offsetOf("tokenizer.chat_template")
  const tokens = offsetOf("tokenizer.ggml.tokens")
  const addBos = offsetOf("tokenizer.ggml.add_bos_token")
  const firstKey = 24
  const firstKeyText = 32

  it.each<[string, number, Uint8Array]>([
    ["not-gguf", 0, patched(0, 0x46554748, 4)],
    ["unsupported-version", 4, patched(4, 1, 4)],
    ["unsupported-version", 4, patched(4, 4, 4)],
    ["unsupported-version", 4, patched(4, 0, 4)],
    ["big-endian", 4, patched(4, 0x03000000, 4)],
    ["tensor-count", 8, patched(8, 2n ** 62n, 8)],
    ["tensor-count", 8, patched(8, 1_000_000_000, 8)],
    ["metadata-count", 16, patched(16, 2n ** 62n, 8)],
    ["metadata-count", 16, patched(16, 2n ** 63n, 8)],
    ["key-length", firstKey, patched(firstKey, 2n ** 63n - 1n, 8)],
    ["key-empty", firstKey, patched(firstKey, 0, 8)],
    ["key-characters", firstKey, patched(firstKeyText, 0, 1)],
    ["string-not-utf8", firstKey, patched(firstKeyText, 0xff, 1)],
    ["unknown-value-type", typeOf("llama.block_count"), patched(typeOf("llama.block_count"), 13, 4)],
    ["string-length", template, patched(template, 2n ** 63n - 1n, 8)],
    ["array-length", tokens - 8, patched(tokens - 8, 2n ** 40n, 8)],
    ["nested-array", tokens - 12, patched(tokens - 12, 9, 4)],
    ["unknown-value-type", tokens - 12, patched(tokens - 12, 99, 4)],
    ["string-length", tokens, patched(tokens, 2n ** 40n, 8)],
    ["string-not-utf8", tokens, patched(tokens + 8, 0x80, 1)],
    ["bool-value", addBos, patched(addBos, 2, 1)],
    ["tensor-name-length", TENSOR.infoOffset, patched(TENSOR.infoOffset, 64, 8)],
    ["tensor-name-length", TENSOR.infoOffset, patched(TENSOR.infoOffset, 0, 8)],
    ["tensor-name-characters", TENSOR.infoOffset, patched(TENSOR.infoOffset + 8, 0, 1)],
    ["tensor-dimension-count", PLACES.count, patched(PLACES.count, 5, 4)],
    ["tensor-dimension-count", PLACES.count, patched(PLACES.count, 0, 4)],
    ["tensor-dimension", PLACES.dimension, patched(PLACES.dimension, 0, 8)],
    ["tensor-dimension", PLACES.dimension, patched(PLACES.dimension, 2n ** 60n + 1n, 8)],
    ["tensor-dimension", PLACES.dimension, patched(PLACES.dimension, 2n ** 64n - 1n, 8)],
    ["tensor-size", PLACES.type, patched(PLACES.dimension, 2n ** 52n, 8)],
    ["unknown-tensor-type", PLACES.type, patched(PLACES.type, 4, 4)],
    ["unknown-tensor-type", PLACES.type, patched(PLACES.type, 2 ** 31, 4)],
    ["tensor-row-blocks", PLACES.type, patched(PLACES.type, 12, 4)],
    ["tensor-offset-alignment", PLACES.offset, patched(PLACES.offset, TENSOR.offset + 1, 8)],
    ["tensor-overlap", PLACES.offset, patched(PLACES.offset, TENSOR.offset - 32, 8)],
    ["tensor-gap", PLACES.offset, patched(PLACES.offset, TENSOR.offset + 32, 8)],
    ["tensor-past-end", PLACES.offset, patched(PLACES.offset, 2n ** 50n, 8)],
    ["tensor-past-end", PLACES.offset, patched(PLACES.offset, 2n ** 64n - 32n, 8)],
  ])("%s at %i", async (rule, offset, bytes) => {
    expect(await refusal(bytes)).toBe(`${rule} @${offset}`)
  })

  it("duplicate keys and tensor names", async () => {
    const one: WritableEntry = { type: "uint8", value: 1 }
    const twice = encodeHeader({
      version: 3,
      metadata: [
        ["a", one],
        ["b", one],
        ["a", one],
      ],
      tensors: [],
    })
    expect(await refusal(twice)).toBe(`duplicate-key @${24 + 2 * 14}`)
    const name = (bytes: EncodableHeader): EncodableHeader => ({
      ...bytes,
      tensors: bytes.tensors.map((tensor) => ({ ...tensor, name: "same" })),
    })
    expect(await refusal(buildTinyModel({ header: name }))).toMatch(/^duplicate-tensor-name @\d+$/)
  })

  it("products that wrap around", async () => {
    const wrapping = (header: EncodableHeader): EncodableHeader => ({
      ...header,
      tensors: header.tensors.map((tensor) => ({ ...tensor, dimensions: [2n ** 40n, 2n ** 40n] })),
    })
    expect(await refusal(buildTinyModel({ header: wrapping }))).toMatch(/^tensor-elements @/)
  })

  it.each([
    [0, "alignment"],
    [3, "alignment"],
    [2 ** 31, "alignment"],
    [8192, "alignment"],
  ])("an alignment of %i", async (value, rule) => {
    const bytes = buildTinyModel({ metadata: { "general.alignment": { type: "uint32", value } } })
    expect(await refusal(bytes)).toMatch(new RegExp(`^${rule} @`))
  })

  it("an alignment of another type", async () => {
    const bytes = buildTinyModel({ metadata: { "general.alignment": { type: "uint64", value: 32n } } })
    expect(await refusal(bytes)).toMatch(/^alignment-type @/)
  })

  it("says what a file of another format is", async () => {
    const messageFor = async (text: string) => {
      const bytes = Uint8Array.from(text.padEnd(300, "\0"), (character) => character.charCodeAt(0))
      const failure = await readHeader(bufferSource(bytes), { limits: TINY_LIMITS }).catch(
        (error: unknown) => error,
      )
      return failure instanceof GgufError ? `${failure.rule}: ${failure.message}` : "valid"
    }
    expect(await messageFor("<!DOCTYPE html>")).toMatch(/^not-gguf: .*HTML/)
    expect(await messageFor("PK\u0003\u0004")).toMatch(/^not-gguf: .*ZIP/)
    expect(await messageFor("\u0080\u0002}q")).toMatch(/^not-gguf: .*pickle/)
    expect(await messageFor("version https://git-lfs.github.com")).toMatch(/^not-gguf: .*LFS/)
    expect(await messageFor("")).toMatch(/^not-gguf: .*zeros/)
    expect(await messageFor(`\u0010\0\0\0\0\0\0\0{"a":1}`)).toMatch(/^not-gguf: .*safetensors/)
  })

  it("a file that ends too early, wherever it ends", async () => {
    expect(await refusal(new Uint8Array(0))).toBe("empty-file @0")
    for (let length = 4; length < HEADER.dataOffset; length += 7) {
      const rule = await refusal(VALID.slice(0, length))
      expect(rule).toMatch(/^(truncated|tensor-past-end) @\d+$/)
    }
    expect(await refusal(VALID.slice(0, -1 - (VALID.length % 32)))).toMatch(/^tensor-past-end @/)
  })
})

describe("limits, at n and n + 1", () => {
  const long = (length: number) => "x".repeat(length)
  const file = (metadata: readonly (readonly [string, WritableEntry])[], names: readonly string[] = []) => {
    const tensors = names.map((name, index) => ({ name, dimensions: [8], typeId: 0, offset: index * 32 }))
    const header = encodeHeader({ version: 3, metadata, tensors })
    return joined([header, new Uint8Array(32 - (header.length % 32) + names.length * 32)])
  }
  const byte: WritableEntry = { type: "uint8", value: 0 }
  const repeat = (count: number, make: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => make(i))
  const items = (count: number): WritableEntry => ({
    type: "array",
    value: { itemType: "uint8", items: new Uint8Array(count) },
  })

  it.each<[keyof GgufLimits, string, (n: number) => Uint8Array]>([
    [
      "metadataCount",
      "metadata-count",
      (n) => file(repeat(n, (index) => `k${index}`).map((key) => [key, byte] as const)),
    ],
    [
      "tensorCount",
      "tensor-count",
      (n) =>
        file(
          [],
          repeat(n, (index) => `t${index}`),
        ),
    ],
    ["keyBytes", "key-length", (n) => file([[long(n), byte]])],
    ["stringBytes", "string-length", (n) => file([["a", { type: "string", value: long(n) }]])],
    [
      "stringBytes",
      "string-length",
      (n) => file([["a", { type: "array", value: { itemType: "string", items: [long(n)] } }]]),
    ],
    ["arrayItems", "array-length", (n) => file([["a", items(n)]])],
    ["tensorNameBytes", "tensor-name-length", (n) => file([], [long(n)])],
  ])("%s", async (limit, rule, make) => {
    const n = Number(TINY_LIMITS[limit])
    expect(await refusal(make(n))).toBe("valid")
    expect(await refusal(make(n + 1))).toMatch(new RegExp(`^${rule} @`))
  })

  it("dimensions and alignment", async () => {
    const shape = (dimensions: number[]) => {
      const header = encodeHeader({
        version: 3,
        metadata: [],
        tensors: [{ name: "t", dimensions, typeId: 0, offset: 0 }],
      })
      return joined([header, new Uint8Array(64)])
    }
    expect(await refusal(shape([1, 1, 1, 1]))).toBe("valid")
    expect(await refusal(shape([1, 1, 1, 1, 1]))).toMatch(/^tensor-dimension-count @/)
    const aligned = (value: number) => file([["general.alignment", { type: "uint32", value }]])
    expect(await refusal(aligned(TINY_LIMITS.alignment))).toBe("valid")
    expect(await refusal(aligned(TINY_LIMITS.alignment * 2))).toMatch(/^alignment @/)
  })

  it("headerBytes", async () => {
    const bytes = encodeHeader({ version: 3, metadata: [["a", items(100)]], tensors: [] })
    expect(await refusal(bytes, { ...TINY_LIMITS, headerBytes: bytes.length })).toBe("valid")
    expect(await refusal(bytes, { ...TINY_LIMITS, headerBytes: bytes.length - 1 })).toMatch(
      /^header-too-large @/,
    )
  })

  it("headerBytes, for items that take more memory than bytes of the file", async () => {
    const flags: WritableEntry = {
      type: "array",
      value: { itemType: "bool", items: Array.from({ length: 4_000 }, () => true) },
    }
    const bytes = file([["a", flags]])
    expect(await refusal(bytes, { ...TINY_LIMITS, headerBytes: 40_000 })).toBe("valid")
    expect(await refusal(bytes, { ...TINY_LIMITS, headerBytes: 20_000 })).toMatch(/^header-too-large @/)
  })
})

describe("whatever the bytes are", () => {
  /** Counts what is asked of it, and fails the test on a range outside the file. */
  function watched(bytes: Uint8Array): { source: ByteSource; asked: () => number } {
    let asked = 0
    const inner = bufferSource(bytes)
    const read: ByteSource["read"] = (offset, length) => {
      expect(offset).toBeGreaterThanOrEqual(0)
      expect(length).toBeGreaterThan(0)
      expect(offset + length).toBeLessThanOrEqual(bytes.length)
      asked += length
      return inner.read(offset, length)
    }
    return { source: { sizeBytes: bytes.length, read }, asked: () => asked }
  }

  async function judged(bytes: Uint8Array): Promise<void> {
    const limits = { ...TINY_LIMITS, headerBytes: 16_384 }
    const { source, asked } = watched(bytes)
    const result = await readHeader(source, { limits }).catch((error: unknown) => error)
    expect(asked()).toBeLessThanOrEqual(limits.headerBytes)
    if (result instanceof GgufError) {
      expect(result.offset).toBeGreaterThanOrEqual(0)
      expect(result.offset).toBeLessThanOrEqual(bytes.length)
      expect(result.rule).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    } else {
      expect(result).toHaveProperty("metadata")
    }
  }

  it("it ends in a header or in a named rule, without reading outside the file or beyond the limit", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), judged))
    const begun = fc.uint8Array({ maxLength: 400 }).map((rest) => joined([VALID.slice(0, 24), rest]))
    await fc.assert(fc.asyncProperty(begun, judged))
  })

  it("the same for damaged valid files", async () => {
    const damage = fc.array(fc.tuple(fc.nat(HEADER.dataOffset - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(VALID.length), async (changes, length) => {
        const bytes = VALID.slice(0, Math.max(length, 24))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        await judged(bytes)
      }),
      { numRuns: 300 },
    )
  })

  it("a header of several windows is read once, and strings across their borders are whole", async () => {
    const metadata = Array.from({ length: 60 }, (_, index): [string, WritableEntry] => [
      `key.${index}`,
      {
        type: "array",
        value: { itemType: "string", items: Array.from({ length: 1_600 }, (_, i) => `é${index}/${i}`) },
      },
    ])
    const bytes = encodeHeader({ version: 3, metadata, tensors: [] })
    const limits = { ...TINY_LIMITS, headerBytes: 16 * 1024 * 1024 }
    const { source } = watched(bytes)
    const reads: number[] = []
    const counted: ByteSource = {
      sizeBytes: source.sizeBytes,
      read: (offset, length) => {
        reads.push(length)
        return source.read(offset, length)
      },
    }
    const header = await readHeader(counted, { limits })
    expect(reads.length).toBeGreaterThan(1)
    for (const [key, entry] of metadata) {
      const read = header.metadata.get(key)
      expect(read?.type === "array" && Array.from(read.value.items)).toEqual(
        entry.type === "array" && entry.value.items,
      )
    }
    expect(reads.reduce((sum, length) => sum + length, 0)).toBe(bytes.length)
  })

  it("stops when told to", async () => {
    const signal = AbortSignal.abort(new Error("stop"))
    await expect(readHeader(bufferSource(VALID), { limits: TINY_LIMITS }, signal)).rejects.toThrow("stop")
  })
})

import type { GgufEntry, GgufHeader, TensorInfo } from "@fireside/gguf"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { estimateShape, isShape, readShape } from "./model-shape.ts"

const scalar = (value: number | bigint | string): GgufEntry =>
  typeof value === "string"
    ? { type: "string", value, offset: 0 }
    : { type: typeof value === "bigint" ? "uint64" : "uint32", value, offset: 0 }
const list = (items: readonly number[]): GgufEntry => ({
  type: "array",
  value: { itemType: "int32", count: items.length, items: [...items] },
  offset: 0,
})
const matrix = (
  name: string,
  dimensions: readonly number[],
  type: string,
  sizeBytes: number,
): TensorInfo => ({
  name,
  dimensions,
  type,
  offset: 0,
  infoOffset: 0,
  sizeBytes,
})
const header = (entries: Record<string, GgufEntry>, tensors: readonly TensorInfo[] = []): GgufHeader => ({
  version: 3,
  metadata: new Map(Object.entries(entries)),
  tensors,
  alignment: 32,
  dataOffset: 0,
  fileSizeBytes: 0,
})
const LLAMA = {
  "general.architecture": scalar("llama"),
  "llama.block_count": scalar(2),
  "llama.embedding_length": scalar(64),
  "llama.attention.head_count": scalar(4),
  "llama.attention.head_count_kv": scalar(2),
  "llama.context_length": scalar(8_192n),
  "llama.feed_forward_length": scalar(192),
}

describe("readShape", () => {
  test.each([
    ["rope_factors_long.weight", true],
    ["blk.0.rope_factors_long.weight", true],
    ["rope_factors_short.weight", false],
    ["rope_freqs.weight", false],
  ])("%s: two sets of rope factors: %s", (name, expected) => {
    const tensors = [matrix(name, [48], "F32", 192)]
    expect(readShape(header(LLAMA, tensors)).hasTwoRopes).toBe(expected)
  })
  test("a plain model, integers of any width", () => {
    const shape = readShape(header(LLAMA))
    expect(shape).toMatchObject({
      architecture: "llama",
      layers: 2,
      heads: 4,
      kvHeads: [2, 2],
      keyLength: 16,
      valueLength: 16,
      trainedContextLength: 8_192,
      feedForwardLength: 192,
      slidingWindow: 0,
    })
  })

  test("heads without kv heads are all kept; arrays count by layer", () => {
    const { "llama.attention.head_count_kv": _, ...plain } = LLAMA
    expect(readShape(header(plain)).kvHeads).toEqual([4, 4])
    const mixed = {
      ...LLAMA,
      "llama.attention.head_count_kv": list([2, 0]),
      "llama.feed_forward_length": list([64, 256]),
    }
    expect(readShape(header(mixed))).toMatchObject({ kvHeads: [2, 0], feedForwardLength: 256 })
  })

  test("layers that keep nothing: every fourth attends, the last share", () => {
    const eight = { ...LLAMA, "llama.block_count": scalar(8) }
    const hybrid = {
      ...eight,
      "llama.full_attention_interval": scalar(4),
      "llama.ssm.inner_size": scalar(128),
      "llama.ssm.state_size": scalar(16),
      "llama.ssm.conv_kernel": scalar(4),
      "llama.ssm.group_count": scalar(1),
    }
    expect(readShape(header(hybrid)).kvHeads).toEqual([0, 0, 0, 2, 0, 0, 0, 2])
    expect(readShape(header(hybrid)).recurrentBytes).toBe(6 * 4 * (3 * (128 + 32) + 128 * 16))
    const sharing = { ...eight, "llama.attention.shared_kv_layers": scalar(5) }
    expect(readShape(header(sharing)).kvHeads).toEqual([2, 2, 2, 0, 0, 0, 0, 0])
  })

  test("a latent cache keeps no values", () => {
    const latent = {
      ...LLAMA,
      "llama.attention.key_length_mla": scalar(192),
      "llama.attention.key_length": scalar(576),
      "llama.attention.head_count_kv": scalar(1),
    }
    expect(readShape(header(latent))).toMatchObject({ keyLength: 576, valueLength: 0, kvHeads: [1, 1] })
  })

  test("idle experts and an untied table are not passed through", () => {
    const experts = { ...LLAMA, "llama.expert_count": scalar(8), "llama.expert_used_count": scalar(2) }
    const shape = readShape(
      header(experts, [
        matrix("token_embd.weight", [64, 1_000], "Q8_0", 68_000),
        matrix("output.weight", [64, 1_000], "Q8_0", 68_000),
        matrix("blk.0.ffn_up_exps.weight", [64, 100, 8], "Q4_0", 28_800),
        matrix("output_norm.weight", [64], "F32", 256),
      ]),
    )
    expect(shape).toMatchObject({
      vocabularySize: 1_000,
      parameters: 64_000 + 64_000 + 51_200 + 64,
      activeParameters: 64_000 + 12_800 + 64,
      activeBytes: 68_000 + 7_200 + 256,
      weightsBytes: 68_000 * 2 + 28_800 + 256,
      matrixBytes: { Q8_0: 68_000, Q4_0: 28_800 },
      tiedBytes: 0,
    })
  })

  test("a table without an output matrix is tied", () => {
    const shape = readShape(header(LLAMA, [matrix("token_embd.weight", [64, 1_000], "Q4_0", 36_000)]))
    expect(shape).toMatchObject({ tiedBytes: 36_000, tiedType: "Q4_0", activeBytes: 36_000, matrixBytes: {} })
  })

  test("the first part of a split file stands for all of them", () => {
    const split = { ...LLAMA, "split.tensors.count": scalar(4) }
    const shape = readShape(header(split, [matrix("blk.0.attn_q.weight", [64, 64], "F16", 8_192)]))
    expect(shape.weightsBytes).toBe(4 * 8_192)
  })

  test("whatever a header claims, every number is finite and not negative", () => {
    const claim = fc.oneof(
      fc
        .bigInt({ min: -(2n ** 63n), max: 2n ** 64n })
        .map((value): GgufEntry => ({ type: "int64", value, offset: 0 })),
      fc.double().map((value): GgufEntry => ({ type: "float64", value, offset: 0 })),
      fc.string().map(scalar),
      fc.array(fc.double(), { maxLength: 5 }).map(list),
    )
    const keys = Object.keys(LLAMA).concat(
      "llama.full_attention_interval",
      "llama.ssm.inner_size",
      "llama.expert_count",
    )
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys.slice(1)), claim), (claims) => {
        const shape = readShape(header({ ...LLAMA, ...claims }))
        for (const value of Object.values(shape).flat()) {
          if (typeof value !== "number") continue
          expect(Number.isFinite(value) && value >= 0).toBe(true)
        }
      }),
      {
        numRuns: 1_000,
        // A head count under one made the length of a head infinite.
        examples: [[{ "llama.attention.head_count": { type: "float64", value: 5e-324, offset: 0 } }]],
      },
    )
  })
})

describe("estimateShape", () => {
  test.each([
    [134_515_008, 98_000_000, 30, "Q4_K"],
    [8_030_261_248, 8_540_000_000, 32, "Q8_0"],
    [1_000_000_000_000, 600_000_000_000, 80, "Q4_K"],
    [3_085_938_688, 6_200_000_000, 28, "F16"],
  ])("%i weights in %i bytes: %i layers of %s", (parameters, approximateSizeBytes, layers, type) => {
    const shape = estimateShape({ parameters, approximateSizeBytes, contextLength: 8_192 })
    expect(shape.layers).toBe(layers)
    expect(Object.keys(shape.matrixBytes)).toEqual([type])
    expect(shape.weightsBytes).toBe(approximateSizeBytes)
    expect(isShape(shape)).toBe(true)
    expect(isShape(header(LLAMA))).toBe(false)
  })
})

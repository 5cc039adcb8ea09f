import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { KvType } from "./load-plan.ts"
import {
  canQuantizeKv,
  computeBytesOf,
  kvBytesOf,
  needOf,
  reservedBytesOf,
  weightsBytesOf,
} from "./memory-need.ts"
import { SKETCHES, shapeOf } from "./testing.ts"

const MIB = 1024 * 1024

/**
 * What llama.cpp v0.5.0 printed (`llama_kv_cache: size`, `compute buffer size`, MiB) for headers of these shapes on a processor,
 * flash attention on, swa_full, n_outputs_max = streams: shape, context of a stream, micro-batch rows, streams, cache type, KV, compute.
 */
const PRINTED: readonly (readonly [keyof typeof SKETCHES, number, number, number, KvType, number, number])[] =
  [
    ["smollm2", 512, 64, 1, "f16", 11.25, 1.75],
    ["smollm2", 2048, 512, 1, "f16", 45, 15.51],
    ["smollm2", 8192, 512, 1, "f16", 180, 21.51],
    ["smollm2", 8192, 512, 8, "f16", 1440, 21.51],
    ["smollm2", 8192, 512, 1, "q8_0", 95.62, 20.42],
    ["smollm2", 32768, 256, 4, "f16", 2880, 22.76],
    ["smollm2", 131072, 512, 1, "f16", 2880, 141.51],
    ["qwen05", 512, 64, 1, "f16", 6, 4.5],
    ["qwen05", 2048, 512, 1, "f16", 24, 37.51],
    ["qwen05", 8192, 512, 1, "f16", 96, 43.51],
    ["qwen05", 8192, 512, 8, "f16", 768, 43.51],
    ["qwen05", 8192, 512, 1, "q8_0", 51, 41.79],
    ["qwen05", 32768, 256, 4, "f16", 1536, 33.76],
    ["qwen05", 131072, 512, 1, "f16", 1536, 163.51],
    ["llama1b", 512, 64, 1, "f16", 16, 8.06],
    ["llama1b", 2048, 512, 1, "f16", 64, 66.01],
    ["llama1b", 8192, 512, 1, "f16", 256, 72.01],
    ["llama1b", 8192, 512, 8, "f16", 2048, 72.01],
    ["llama1b", 8192, 512, 1, "q8_0", 136, 68.04],
    ["llama1b", 32768, 256, 4, "f16", 4096, 48.01],
    ["llama1b", 131072, 512, 1, "f16", 4096, 192.01],
    ["qwen3of4b", 512, 64, 1, "f16", 72, 10.06],
    ["qwen3of4b", 2048, 512, 1, "f16", 288, 82.01],
    ["qwen3of4b", 8192, 512, 1, "f16", 1152, 88.01],
    ["qwen3of4b", 8192, 512, 8, "f16", 9216, 88.01],
    ["qwen3of4b", 8192, 512, 1, "q8_0", 612, 88.09],
    ["qwen3of4b", 32768, 256, 4, "f16", 18432, 56.01],
    ["qwen3of4b", 131072, 512, 1, "f16", 18432, 208.01],
    ["llama8b", 512, 64, 1, "f16", 64, 14.56],
    ["llama8b", 2048, 512, 1, "f16", 256, 118.01],
    ["llama8b", 8192, 512, 1, "f16", 1024, 124.01],
    ["llama8b", 8192, 512, 8, "f16", 8192, 124.01],
    ["llama8b", 8192, 512, 1, "q8_0", 544, 116.09],
    ["llama8b", 32768, 256, 4, "f16", 16384, 74.01],
    ["llama8b", 131072, 512, 1, "f16", 16384, 244.01],
    ["llama7bOld", 512, 64, 1, "f16", 256, 12.13],
    ["llama7bOld", 2048, 512, 1, "f16", 1024, 98.51],
    ["llama7bOld", 8192, 512, 1, "f16", 4096, 104.51],
    ["llama7bOld", 8192, 512, 8, "f16", 32768, 104.51],
    ["llama7bOld", 8192, 512, 1, "q8_0", 2176, 96.59],
    ["llama7bOld", 32768, 256, 4, "f16", 65536, 64.26],
    ["llama7bOld", 131072, 512, 1, "f16", 65536, 224.51],
    ["gemma3of4b", 512, 64, 1, "f16", 68, 10],
    ["gemma3of4b", 2048, 512, 1, "f16", 272, 83.02],
    ["gemma3of4b", 8192, 512, 1, "f16", 1088, 95.02],
    ["gemma3of4b", 8192, 512, 8, "f16", 8704, 95.02],
    ["gemma3of4b", 8192, 512, 1, "q8_0", 578, 99.55],
    ["gemma3of4b", 32768, 256, 4, "f16", 17408, 71.51],
    ["gemma3of4b", 131072, 512, 1, "f16", 17408, 335.02],
    ["gemma3of27b", 512, 64, 1, "f16", 248, 20.81],
    ["gemma3of27b", 2048, 512, 1, "f16", 992, 169.52],
    ["gemma3of27b", 8192, 512, 1, "f16", 3968, 181.52],
    ["gemma3of27b", 8192, 512, 8, "f16", 31744, 181.52],
    ["gemma3of27b", 8192, 512, 1, "q8_0", 2108, 189.68],
    ["gemma3of27b", 32768, 256, 4, "f16", 63488, 114.76],
    ["gemma3of27b", 131072, 512, 1, "f16", 63488, 421.52],
    ["qwen32b", 512, 64, 1, "f16", 128, 25.31],
    ["qwen32b", 2048, 512, 1, "f16", 512, 204.01],
    ["qwen32b", 8192, 512, 1, "f16", 2048, 210.01],
    ["qwen32b", 8192, 512, 8, "f16", 16384, 210.01],
    ["qwen32b", 8192, 512, 1, "q8_0", 1088, 200.09],
    ["qwen32b", 32768, 256, 4, "f16", 32768, 117.01],
    ["qwen32b", 131072, 512, 1, "f16", 32768, 330.01],
    ["mixtral", 512, 64, 1, "f16", 64, 25.06],
    ["mixtral", 2048, 512, 1, "f16", 256, 202.01],
    ["mixtral", 8192, 512, 1, "f16", 1024, 208.01],
    ["mixtral", 8192, 512, 8, "f16", 8192, 208.01],
    ["mixtral", 8192, 512, 1, "q8_0", 544, 200.12],
    ["mixtral", 32768, 256, 4, "f16", 16384, 116.01],
    ["mixtral", 131072, 512, 1, "f16", 16384, 328.01],
    ["qwen3moe", 512, 64, 1, "f16", 48, 11.06],
    ["qwen3moe", 2048, 512, 1, "f16", 192, 90.01],
    ["qwen3moe", 8192, 512, 1, "f16", 768, 96.01],
    ["qwen3moe", 8192, 512, 8, "f16", 6144, 96.01],
    ["qwen3moe", 8192, 512, 1, "q8_0", 408, 96.09],
    ["qwen3moe", 32768, 256, 4, "f16", 12288, 60.01],
    ["qwen3moe", 131072, 512, 1, "f16", 12288, 216.01],
  ]

describe("against the sizes that llama.cpp prints", () => {
  test.each(PRINTED)(
    "%s, context %i, rows %i, streams %i, %s",
    (name, contextLength, microBatchRows, streams, kvType, kvMib, computeMib) => {
      const shape = shapeOf(SKETCHES[name])
      const kv = kvBytesOf(shape, { contextLength, streams, kvType }) / MIB
      expect(Math.abs(kv - kvMib)).toBeLessThan(0.01 * kvMib)

      const choices = {
        contextLength,
        streams,
        kvType,
        microBatchRows,
        outputRows: streams,
        embeddings: false,
      }
      const reserved = reservedBytesOf(shape, choices) / MIB
      expect(reserved).toBeGreaterThan(0.95 * computeMib)
      expect(reserved).toBeLessThan(1.25 * computeMib)
    },
  )

  test("to embed, each row is an output; encoders keep no cache and have no logits", () => {
    const causal = shapeOf(SKETCHES.smollm2)
    const encoder = { ...causal, architecture: "nomic-bert" }
    const choices = { contextLength: 512, streams: 1, kvType: "f16", microBatchRows: 512 } as const
    const extra =
      reservedBytesOf(causal, { ...choices, embeddings: true }) -
      reservedBytesOf(encoder, { ...choices, embeddings: true })
    expect(extra).toBeGreaterThan(0.8 * 512 * 49_152 * 4)
    expect(kvBytesOf(encoder, choices)).toBe(0)
  })

  test("scratch and logits come on top of what is printed", () => {
    const shape = shapeOf(SKETCHES.smollm2)
    const choices = {
      contextLength: 8_192,
      streams: 8,
      kvType: "f16",
      microBatchRows: 512,
      embeddings: false,
    } as const
    const extra = computeBytesOf(shape, choices) - reservedBytesOf(shape, choices)
    expect(extra).toBe(512 * 1_536 * (34 / 32) + 64 * 49_152 * 4)
  })
})

describe("weights", () => {
  const amd = { arch: "x64", cpuFeatures: ["avx2", "avx512f"] }

  test.each([
    // `model buffer size` lines for a qwen2 shape of 4 layers with a tied table of 73 MiB: plain, mapped.
    ["Q4_0", 105.07, 73.03, 73.08 + 105.02, 98.06 + 105.02],
    ["Q8_0", 198.42, 137.95, 198.42, 198.42],
    ["F16", 373.45, 259.67, 373.45, 373.45],
  ])(
    "%s: repacked copies and tied tables are counted as llama.cpp holds them",
    (type, total, table, plain, mapped) => {
      const shape = {
        ...shapeOf(SKETCHES.qwen05),
        weightsBytes: total * MIB,
        matrixBytes: { [type]: (total - table) * MIB },
        tiedBytes: table * MIB,
        tiedType: type,
        vocabularySize: 0,
      }
      const mib = (useMmap: boolean) => weightsBytesOf(shape, { ...amd, useMmap }) / MIB
      expect(mib(false)).toBeGreaterThan(plain * 0.99)
      expect(mib(false)).toBeLessThan(plain * 1.01)
      // With mmap the pages that were only read to be repacked may go, so this one is an upper bound.
      expect(mib(true)).toBeGreaterThan(mapped * 0.99)
      expect(mib(true)).toBeLessThan(mapped * 1.06)
    },
  )

  test.each([
    ["x64", ["avx2"], "Q4_K", true],
    ["x64", ["avx2"], "Q8_0", false],
    ["x64", [], "Q4_0", false],
    ["x64", ["avx2"], "Q2_K", false],
    ["x64", ["avx2", "avx512f"], "Q2_K", true],
    ["arm64", ["neon"], "Q8_0", true],
    ["arm64", ["neon"], "Q4_1", false],
  ])("%s %s: is %s repacked? %s", (arch, cpuFeatures, type, repacked) => {
    const shape = { ...shapeOf(SKETCHES.smollm2, type), tiedBytes: 0, vocabularySize: 0 }
    const both = weightsBytesOf(shape, { arch, cpuFeatures, useMmap: true })
    expect(both > shape.weightsBytes).toBe(repacked)
  })
})

test("a cache of q8_0 needs heads of whole blocks", () => {
  expect(canQuantizeKv(shapeOf(SKETCHES.smollm2))).toBe(true)
  expect(canQuantizeKv(shapeOf({ ...SKETCHES.smollm2, headLength: 80 }))).toBe(false)
})

test("sums that pass the safe integers saturate", () => {
  const need = needOf(shapeOf({ ...SKETCHES.qwen32b, layers: 4_096 }), {
    contextLength: Number.MAX_SAFE_INTEGER,
    streams: 1_000_000,
    kvType: "f16",
    microBatchRows: 512,
    useMmap: true,
    embeddings: false,
    cpuFeatures: [],
    arch: "x64",
  })
  expect(need.totalBytes).toBe(Number.MAX_SAFE_INTEGER)
})

test("need grows with context, streams and rows, for every shape", () => {
  const names = Object.keys(SKETCHES) as (keyof typeof SKETCHES)[]
  const up = (most: number) => fc.integer({ min: 1, max: most })
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      up(1_000_000),
      up(64),
      up(2_048),
      up(1_000),
      (name, contextLength, streams, microBatchRows, step) => {
        const shape = shapeOf(SKETCHES[name])
        const base = {
          contextLength,
          streams,
          microBatchRows,
          kvType: "f16",
          useMmap: true,
          embeddings: false,
          cpuFeatures: ["avx2"],
          arch: "x64",
        } as const
        const now = needOf(shape, base).totalBytes
        expect(now).toBeGreaterThan(0)
        expect(
          needOf(shape, { ...base, contextLength: contextLength + step }).totalBytes,
        ).toBeGreaterThanOrEqual(now)
        expect(needOf(shape, { ...base, streams: streams + 1 }).totalBytes).toBeGreaterThan(now)
        expect(needOf(shape, { ...base, microBatchRows: microBatchRows + step }).totalBytes).toBeGreaterThan(
          now,
        )
        // The cache itself; in all, a rotation of wide rows may outweigh a cache of few cells.
        expect(needOf(shape, { ...base, kvType: "q8_0" }).kvBytes).toBeLessThan(needOf(shape, base).kvBytes)
      },
    ),
  )
})

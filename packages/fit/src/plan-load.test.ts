import type { HardwareFacts } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { LoadWish } from "./load-plan.ts"
import { memoryBudget } from "./memory-budget.ts"
import type { ModelShape } from "./model-shape.ts"
import { planLoad } from "./plan-load.ts"
import { suggestFits } from "./suggest-fits.ts"
import { machine, SKETCHES, shapeOf } from "./testing.ts"

const GIB = 1024 ** 3
const withMemory = (limit: number, available = limit) =>
  machine({ memoryLimitBytes: limit, availableMemoryBytes: available, totalMemoryBytes: 64 * GIB })
const plan = (shape: ModelShape, hardware: HardwareFacts, wish: LoadWish = {}) =>
  planLoad({ header: shape, hardware, wish })

describe("the defaults", () => {
  test("a small model on an ordinary machine", () => {
    const verdict = plan(shapeOf(SKETCHES.smollm2), machine())
    expect(verdict.type).toBe("fits")
    expect(verdict.plan).toMatchObject({
      contextLength: 8_192,
      streams: 1,
      batchRows: 512,
      microBatchRows: 512,
      kvType: "f16",
      useMmap: true,
      gpuLayers: 0,
      threads: 2,
      cpus: [0, 1],
      embeddings: false,
    })
    expect(verdict.plan.memory.kvBytes).toBe(180 * 1024 * 1024)
  })

  test("the context is what was trained when that is less, and 8,192 when it is more", () => {
    expect(plan(shapeOf(SKETCHES.llama7bOld), machine()).plan.contextLength).toBe(4_096)
    expect(plan(shapeOf(SKETCHES.llama1b), machine()).plan.contextLength).toBe(8_192)
  })

  test("short memory: narrower batches first, then less context, with a notice of the numbers", () => {
    const shape = shapeOf(SKETCHES.llama1b)
    const roomy = plan(shape, machine()).plan.memory.totalBytes
    const reserve = 384 * 1024 * 1024
    const narrow = plan(shape, withMemory(roomy + reserve - 30 * 1024 * 1024))
    expect(narrow).toMatchObject({
      type: "fits",
      plan: { contextLength: 8_192, microBatchRows: 256 },
      notices: [],
    })
    const short = plan(shape, withMemory(roomy + reserve - 100 * 1024 * 1024))
    expect(short).toMatchObject({ type: "fits", plan: { microBatchRows: 128 } })
    expect(short.plan.contextLength).toBeLessThan(8_192)
    expect(short.plan.contextLength % 256).toBe(0)
    expect(short).toMatchObject({
      notices: [expect.stringContaining(`The context is ${short.plan.contextLength} tokens`)],
    })
  })

  test.each([
    ["Q4_0", 4.5, false],
    ["Q4_K", 4.5, false],
    ["Q4_1", 5, true],
    ["Q8_0", 8.5, true],
  ])("%s is mapped into memory: %s bits, %s", (type, bits, mapped) => {
    expect(plan(shapeOf(SKETCHES.smollm2, type, bits), machine()).plan.useMmap).toBe(mapped)
    expect(plan(shapeOf(SKETCHES.smollm2, type, bits), machine(), { useMmap: !mapped }).plan.useMmap).toBe(
      !mapped,
    )
  })

  test("an embedding model takes its longest text in one batch", () => {
    const verdict = plan(shapeOf({ ...SKETCHES.smollm2, trainedContextLength: 2_048 }), machine(), {
      embeddings: true,
    })
    expect(verdict.plan).toMatchObject({ contextLength: 2_048, batchRows: 2_048, microBatchRows: 2_048 })
  })
})

describe("the budget", () => {
  test("is the control group's limit when the machine has more, less the reserve", () => {
    expect(memoryBudget(withMemory(4 * GIB, 20 * GIB)).budgetBytes).toBe(4 * GIB - 384 * 1024 * 1024)
    expect(memoryBudget(withMemory(64 * GIB, 10 * GIB)).budgetBytes).toBe(8 * GIB)
  })

  test("is never negative", () => {
    expect(memoryBudget(withMemory(100 * 1024 * 1024)).budgetBytes).toBe(0)
    expect(memoryBudget(withMemory(0)).budgetBytes).toBe(0)
  })
})

describe("refusals", () => {
  test("a context_length of 1e9 and a request for 1e8 on a 4 GiB machine: refused with numbers", () => {
    const shape = shapeOf({ ...SKETCHES.smollm2, trainedContextLength: 1e9 })
    const verdict = plan(shape, withMemory(4 * GIB), { contextLength: 1e8 })
    expect(verdict).toMatchObject({ type: "refused", reason: "memory" })
    if (verdict.type !== "refused") return
    expect(verdict.memory.kvBytes).toBe(Math.ceil(1e8 / 256) * 256 * 30 * 3 * 128 * 2)
    expect(verdict.message).toMatchInlineSnapshot(
      `"The model needs 2.1 TiB with a context of 100000000 tokens × 1 (weights 152 MiB + KV cache 2.1 TiB + buffers 24 GiB), but 3.6 GiB may be used (384 MiB kept free)."`,
    )
    expect(verdict.wouldFit[0]).toMatch(/^a context of \d+ tokens$/)
  })

  test("the largest claims there are stay finite", () => {
    const verdict = plan(
      shapeOf({ ...SKETCHES.qwen32b, trainedContextLength: Number.MAX_SAFE_INTEGER }),
      machine(),
      { contextLength: Number.MAX_SAFE_INTEGER, streams: 64 },
    )
    expect(verdict.type).toBe("refused")
    expect(Number.isSafeInteger(verdict.plan.memory.totalBytes)).toBe(true)
  })

  test("more context than was trained names both, and offers the trained one", () => {
    const verdict = plan(shapeOf(SKETCHES.smollm2), machine(), { contextLength: 8_193 })
    expect(verdict).toMatchObject({
      type: "refused",
      reason: "context",
      wouldFit: ["a context of 8192 tokens"],
    })
    if (verdict.type === "refused") expect(verdict.message).toMatch(/8193 tokens.*trained for 8192/)
    expect(plan(shapeOf(SKETCHES.smollm2), machine(), { contextLength: 8_192 }).type).toBe("fits")
  })

  test("as many streams as fit with the whole context: 4, 2, 1, then less context", () => {
    const shape = shapeOf(SKETCHES.llama1b)
    const reserve = 384 * 1024 * 1024
    const most = { mostStreams: 4 }
    const needed = (streams: number) => plan(shape, machine(), { streams }).plan.memory.totalBytes
    const inside = (bytes: number) => plan(shape, withMemory(bytes + reserve), most)
    expect(inside(needed(4))).toMatchObject({ type: "fits", plan: { streams: 4 }, notices: [] })
    for (const streams of [2, 1]) {
      const fewer = inside(needed(streams))
      expect(fewer).toMatchObject({ type: "fits", plan: { streams, contextLength: 8_192 } })
      expect(fewer).toMatchObject({ notices: [expect.stringMatching(/written at once: more do not fit/)] })
    }
    const short = inside(needed(1) - 100 * 1024 * 1024)
    expect(short).toMatchObject({ type: "fits", plan: { streams: 1 } })
    expect(short.plan.contextLength).toBeLessThan(8_192)
  })

  test("more than four only where their contexts take little of the memory", () => {
    const shape = shapeOf(SKETCHES.smollm2)
    const streamsWith = (gib: number) =>
      plan(shape, machine({ availableMemoryBytes: gib * GIB, memoryLimitBytes: gib * GIB }), {
        mostStreams: 8,
        contextLength: 8_192,
      })
    const { kvBytes } = plan(shape, machine(), { streams: 8, contextLength: 8_192 }).plan.memory
    const enough = Math.ceil((kvBytes / GIB) * 10 * 1.5)
    expect(streamsWith(enough)).toMatchObject({ plan: { streams: 8 }, notices: [] })
    expect(streamsWith(enough / 2)).toMatchObject({ plan: { streams: 4 }, notices: [] })
  })
  test("a wish for streams is kept or refused, whatever would fit", () => {
    const shape = shapeOf(SKETCHES.llama1b)
    const small = withMemory(plan(shape, machine()).plan.memory.totalBytes + 384 * 1024 * 1024)
    const wish = { streams: 4, mostStreams: 1, contextLength: 8_192 }
    expect(plan(shape, small, wish)).toMatchObject({ type: "refused", plan: { streams: 4 } })
    expect(plan(shape, machine(), wish)).toMatchObject({ type: "fits", plan: { streams: 4 }, notices: [] })
  })

  test("64 streams run, 65 do not, forced or not", () => {
    const ask = (streams: number, force = false) =>
      plan(shapeOf(SKETCHES.smollm2), machine(), { streams, contextLength: 512, force })
    expect(ask(64).type).toBe("fits")
    expect(ask(65)).toMatchObject({ type: "refused", reason: "streams" })
    expect(ask(65, true).type).toBe("refused")
  })

  test("weights alone too large: a smaller file is named", () => {
    const verdict = plan(shapeOf(SKETCHES.llama8b), withMemory(8 * GIB))
    expect(verdict).toMatchObject({ type: "refused", reason: "memory" })
    if (verdict.type === "refused") expect(verdict.wouldFit.join()).toMatch(/a Q\d_K(_M)? file of this model/)
  })

  test("nothing fits: no promise is made", () => {
    const verdict = plan(shapeOf(SKETCHES.qwen32b), withMemory(1 * GIB))
    expect(verdict).toMatchObject({ type: "refused", wouldFit: [] })
  })

  test("--force gives the plan with the objection as a notice", () => {
    const verdict = plan(shapeOf(SKETCHES.llama8b), withMemory(8 * GIB), {
      contextLength: 65_536,
      force: true,
    })
    expect(verdict).toMatchObject({ type: "fits", plan: { contextLength: 65_536 } })
    if (verdict.type === "fits") expect(verdict.notices[0]).toMatch(/^Forced: The model needs/)
  })

  test("a q8_0 cache of odd heads becomes f16, said so", () => {
    const verdict = plan(shapeOf({ ...SKETCHES.smollm2, headLength: 80 }), machine(), { kvType: "q8_0" })
    expect(verdict.plan.kvType).toBe("f16")
    expect(verdict).toMatchObject({ notices: [expect.stringContaining("cannot be kept as q8_0")] })
  })
})

describe("threads", () => {
  const threads = (usableCpus: number[], physicalCores: number, wish: LoadWish = {}) => {
    const { plan: of } = plan(shapeOf(SKETCHES.smollm2), machine({ usableCpus, physicalCores }), wish)
    return [of.threads, of.cpus]
  }
  test("one for each core that may be used, pinned when cores and processors are the same", () => {
    expect(threads([0, 1, 2, 3], 4)).toEqual([4, [0, 1, 2, 3]])
    expect(threads([4, 6], 8)).toEqual([2, [4, 6]])
    expect(threads([0, 1, 2, 3, 4, 5, 6, 7], 4)).toEqual([4, []])
    expect(threads([], 4)).toEqual([1, []])
    expect(plan(shapeOf(SKETCHES.smollm2), machine({ platform: "darwin" })).plan.cpus).toEqual([])
  })
  test("a wish is taken up to the usable processors", () => {
    expect(threads([0, 1, 2, 3], 4, { threads: 2 })).toEqual([2, [0, 1]])
    expect(threads([0, 1], 2, { threads: 16 })).toEqual([2, [0, 1]])
    expect(plan(shapeOf(SKETCHES.smollm2), machine(), { threads: 16 })).toMatchObject({
      notices: ["2 threads: 16 were asked for, but this process may use 2 processors."],
    })
    expect(threads([0, 1], 2, { threads: 0 })).toEqual([1, [0]])
  })
})

test("a model with two sets of rope factors keeps the length of its context", () => {
  const shape = shapeOf(SKETCHES.smollm2)
  expect(plan(shape, machine()).plan.fixedContext).toBeUndefined()
  expect(plan({ ...shape, hasTwoRopes: true }, machine()).plan.fixedContext).toBe(true)
})

describe("a GPU", () => {
  const gpu = (freeMemoryBytes: number) =>
    machine({
      availableMemoryBytes: 6 * GIB,
      memoryLimitBytes: 6 * GIB,
      devices: [{ name: "gpu0", description: "a card", kind: "gpu", memoryBytes: 16 * GIB, freeMemoryBytes }],
    })
  test("takes all layers, some, or those wished for", () => {
    const shape = shapeOf(SKETCHES.llama8b)
    expect(plan(shape, gpu(16 * GIB))).toMatchObject({ type: "fits", plan: { gpuLayers: -1 } })
    const some = plan(shape, gpu(6 * GIB)).plan.gpuLayers
    expect(some).toBeGreaterThan(8)
    expect(some).toBeLessThan(32)
    expect(plan(shape, gpu(16 * GIB), { gpuLayers: 0 })).toMatchObject({
      type: "refused",
      plan: { gpuLayers: 0 },
    })
  })
})

const sketch = fc.constantFrom(...Object.values(SKETCHES))
const shape = fc
  .tuple(sketch, fc.constantFrom("Q4_0", "Q4_1", "Q8_0", "F16"), fc.integer({ min: 512, max: 262_144 }))
  .map(([of, type, trainedContextLength]) =>
    shapeOf({ ...of, trainedContextLength }, type, { Q4_0: 4.5, Q4_1: 5, Q8_0: 8.5, F16: 16 }[type]),
  )
const memory = fc.integer({ min: 0, max: 48 * GIB })
const wish = fc.record(
  {
    contextLength: fc.integer({ min: 1, max: 1_000_000 }),
    streams: fc.integer({ min: 1, max: 80 }),
    kvType: fc.constantFrom("f16" as const, "q8_0" as const),
    embeddings: fc.boolean(),
  },
  { requiredKeys: [] },
)

describe("for any model, machine and wish", () => {
  test("needs grow with context and with streams, and are never negative", () => {
    fc.assert(
      fc.property(
        shape,
        memory,
        fc.integer({ min: 1, max: 500_000 }),
        fc.integer({ min: 1, max: 64 }),
        (of, limit, contextLength, streams) => {
          const need = (change: LoadWish) =>
            plan(of, withMemory(limit), { contextLength, streams, ...change }).plan.memory
          const now = need({})
          // Rows may step down when memory is short; weights and cache may not move.
          const more = need({ contextLength: contextLength * 2 })
          const wider = need({ streams: streams + 1 })
          expect(Math.min(now.weightsBytes, now.kvBytes, now.computeBytes)).toBeGreaterThanOrEqual(0)
          expect(more.kvBytes).toBeGreaterThanOrEqual(now.kvBytes)
          expect(wider.kvBytes).toBeGreaterThan(now.kvBytes)
          expect(more.weightsBytes).toBe(now.weightsBytes)
        },
      ),
    )
  })

  test("a plan that fits is within the budget and as wished", () => {
    fc.assert(
      fc.property(shape, memory, wish, (of, limit, wished) => {
        const verdict = plan(of, withMemory(limit), wished)
        const { memory: need, budgetBytes } = verdict.plan
        expect(need.totalBytes).toBe(need.weightsBytes + need.kvBytes + need.computeBytes)
        if (verdict.type === "fits") {
          expect(need.totalBytes).toBeLessThanOrEqual(budgetBytes)
          expect(verdict.plan.contextLength).toBeLessThanOrEqual(of.trainedContextLength)
        }
        if (wished.contextLength !== undefined) expect(verdict.plan.contextLength).toBe(wished.contextLength)
        if (wished.streams !== undefined) expect(verdict.plan.streams).toBe(wished.streams)
        expect(verdict.plan.microBatchRows).toBeLessThanOrEqual(verdict.plan.batchRows)
      }),
    )
  })

  test("more memory never refuses what less allowed", () => {
    fc.assert(
      fc.property(shape, memory, memory, wish, (of, one, other, wished) => {
        const small = plan(of, withMemory(Math.min(one, other)), wished)
        const large = plan(of, withMemory(Math.max(one, other)), wished)
        if (small.type === "fits") {
          expect(large.type).toBe("fits")
          expect(large.plan.contextLength).toBeGreaterThanOrEqual(small.plan.contextLength)
        }
      }),
    )
  })

  test("what a refusal suggests does fit", () => {
    let seen = 0
    fc.assert(
      fc.property(shape, memory, wish, (of, limit, wished) => {
        const hardware = withMemory(limit)
        const refused = plan(of, hardware, wished)
        if (refused.type !== "refused") return
        const fits = (other: ModelShape, otherWish: LoadWish) =>
          plan(other, hardware, otherWish).type === "fits"
        const suggestions = suggestFits({ shape: of, wish: wished, plan: refused.plan, fits })
        expect(suggestions.map(({ text }) => text)).toEqual(refused.wouldFit)
        for (const suggestion of suggestions) {
          seen += 1
          expect(plan(suggestion.shape, hardware, suggestion.wish).type).toBe("fits")
        }
      }),
      { numRuns: 300 },
    )
    expect(seen).toBeGreaterThan(50)
  })
})

import { describe, expect, test } from "vitest"
import { estimateShape } from "./model-shape.ts"
import { type Proposable, proposeModel } from "./propose-model.ts"
import { rateSpeed } from "./rate-speed.ts"
import { machine, SKETCHES, shapeOf } from "./testing.ts"

const GIB = 1024 ** 3

describe("rateSpeed", () => {
  test.each([
    // llama-bench, llama.cpp v0.5.0 native, two Zen 5 vCPUs: type, bits, decode tokens/s, prompt tokens/s.
    ["smollm2", "Q4_1", 5.8, 172, 469],
    ["llama1b", "Q4_0", 4.5, 62, 299],
    ["llama1b", "Q8_0", 8.5, 33, 153],
    ["llama1b", "F16", 16, 18.6, 197],
  ] as const)(
    "%s as %s is within a factor of two of what was measured",
    (name, type, bits, decode, prefill) => {
      const rating = rateSpeed(shapeOf(SKETCHES[name], type, bits), machine())
      expect(rating.decodeTokensPerSecond).toBeGreaterThan(decode / 2)
      expect(rating.decodeTokensPerSecond).toBeLessThan(decode * 2)
      expect(rating.prefillTokensPerSecond).toBeGreaterThan(prefill / 2)
      expect(rating.prefillTokensPerSecond).toBeLessThan(prefill * 2)
    },
  )

  test("labels: fits, slow, will not fit, each with numbers", () => {
    const label = (shape: Parameters<typeof rateSpeed>[0], memoryGib: number) =>
      rateSpeed(shape, machine({ memoryLimitBytes: memoryGib * GIB, availableMemoryBytes: memoryGib * GIB }))
    const small = label(shapeOf(SKETCHES.smollm2), 8)
    expect(small.label).toBe("fits")
    expect(small.memoryBytes).toBeGreaterThan(100e6)
    expect(small.memoryBytes).toBeLessThan(small.budgetBytes)
    expect(small.budgetBytes).toBeLessThan(8 * GIB)
    const large = label(shapeOf(SKETCHES.qwen32b), 8)
    expect(large.memoryBytes).toBeGreaterThan(large.budgetBytes)
    expect(small.reasons.join(" ")).toMatch(/tokens\/s with 2 threads.*GB\/s.*prompt tokens\/s/)
    expect(label(shapeOf(SKETCHES.qwen32b), 64).label).toBe("slow")
    expect(label(shapeOf(SKETCHES.qwen32b), 8)).toMatchObject({
      label: "will not fit",
      decodeTokensPerSecond: 0,
      reasons: [expect.stringContaining("may be used")],
    })
  })

  test("a measured machine replaces the assumptions", () => {
    const shape = shapeOf(SKETCHES.llama8b)
    const slow = rateSpeed(shape, machine(), {
      machine: { memoryBytesPerSecond: 5e9, coreFlopsPerSecond: 1e11 },
    })
    const fast = rateSpeed(shape, machine(), {
      machine: { memoryBytesPerSecond: 500e9, coreFlopsPerSecond: 1e13 },
    })
    expect(slow.decodeTokensPerSecond).toBeLessThan(1)
    expect(fast.decodeTokensPerSecond).toBeGreaterThan(30)
  })
})

describe("proposeModel", () => {
  const entry = (
    name: string,
    parameters: number,
    sizeGib: number,
    more: Partial<Proposable> = {},
  ): Proposable => ({
    name,
    parameters,
    approximateSizeBytes: sizeGib * GIB,
    contextLength: 32_768,
    capabilities: ["completion"],
    licence: { permissive: true },
    ...more,
  })
  const list = [
    entry("small", 135e6, 0.1),
    entry("middle", 1.7e9, 1.1),
    entry("large", 8e9, 4.9),
    entry("huge", 32e9, 19.8),
    entry("embedder", 0.3e9, 0.3, { capabilities: ["embedding"] }),
  ]
  const best = (hardware: ReturnType<typeof machine>, entries = list) =>
    proposeModel(entries, hardware).best?.entry.name

  test("the largest that is faster than reading", () => {
    expect(best(machine())).toBe("middle")
    expect(best(machine({ usableCpus: [0], physicalCores: 1, cpuFeatures: [] }))).toBe("small")
    expect(best(machine({ memoryLimitBytes: GIB, availableMemoryBytes: GIB }))).toBe("small")
  })

  test("never one that does not fit in memory or on the disk", () => {
    expect(best(machine({ diskFreeBytes: 2.5 * GIB }))).toBe("small")
    expect(proposeModel(list, machine({ diskFreeBytes: GIB }))).toMatchObject({ best: undefined })
    expect(proposeModel(list, machine({ memoryLimitBytes: 0 })).reason).toMatch(/None fits/)
    expect(proposeModel([], machine()).best).toBeUndefined()
  })

  test("conditions in a licence come last", () => {
    const conditional = entry("conditional", 1.9e9, 1.2, { licence: { permissive: false } })
    expect(best(machine(), [...list, conditional])).toBe("middle")
    expect(best(machine(), [conditional])).toBe("conditional")
  })

  test("one for code comes only where no other can chat", () => {
    const coder = entry("coder", 1.9e9, 1.2, { capabilities: ["completion", "insert"] })
    expect(best(machine(), [...list, coder])).toBe("middle")
    expect(proposeModel([...list, coder], machine()).rated.map(({ entry: of }) => of.name)).not.toContain(
      "coder",
    )
    expect(best(machine(), [coder])).toBe("coder")
  })

  test("when all are slow, the fastest", () => {
    expect(best(machine(), [entry("large", 8e9, 8), entry("huge", 14e9, 15)])).toBe("large")
  })

  test("rates every chat model, in the list's order", () => {
    const { rated } = proposeModel(list, machine())
    expect(rated.map(({ entry: of }) => of.name)).toEqual(["small", "middle", "large", "huge"])
    expect(rated[0]?.rating).toEqual(rateSpeed(estimateShape(list[0]!), machine()))
  })
})

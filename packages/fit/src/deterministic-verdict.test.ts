import { describe, expect, test } from "vitest"
import { deterministicVerdict } from "./deterministic-verdict.ts"
import { planLoad } from "./plan-load.ts"
import { machine, SKETCHES, shapeOf } from "./testing.ts"

const small = (type = "Q8_0") => shapeOf(SKETCHES.smollm2, type)

describe("what a file allows", () => {
  test.each(["Q4_0", "Q4_1", "Q8_0"])("weights of %s", (type) => {
    expect(deterministicVerdict(small(type))).toEqual({ possible: true })
  })

  test("other types are named, and only they", () => {
    const mixed = { ...small(), matrixBytes: { Q8_0: 1, Q4_K: 2, F16: 3 }, tiedBytes: 4, tiedType: "Q6_K" }
    const verdict = deterministicVerdict(mixed)
    expect(verdict).toMatchObject({
      possible: false,
      why: expect.stringContaining("It has weights of F16, Q4_K, Q6_K,"),
      hint: expect.stringContaining("Q8_0"),
    })
  })

  test("a table that is only looked up may have any type", () => {
    expect(deterministicVerdict({ ...small(), tiedBytes: 0, tiedType: "Q6_K" })).toEqual({ possible: true })
  })

  test.each([
    ["a mixture of experts", shapeOf(SKETCHES.mixtral)],
    ["recurrent layers", { ...small(), recurrentBytes: 1 }],
    ["one latent vector", { ...small(), valueLength: 0 }],
    ["heads of 80", { ...small(), keyLength: 80 }],
  ])("%s is not proven", (what, shape) => {
    expect(deterministicVerdict(shape)).toMatchObject({ possible: false, why: expect.stringContaining(what) })
  })
})

describe("the plan", () => {
  const gpu = machine({
    devices: [
      {
        name: "CUDA0",
        description: "card",
        kind: "gpu",
        memoryBytes: 8 * 2 ** 30,
        freeMemoryBytes: 8 * 2 ** 30,
      },
    ],
  })

  test("without the wish nothing is promised", () => {
    expect(planLoad({ header: small(), hardware: machine(), wish: {} }).plan.deterministic).toBeUndefined()
  })

  test("has a q8_0 cache, and no layer on a GPU that is there", () => {
    const verdict = planLoad({ header: small(), hardware: gpu, wish: { deterministic: true } })
    expect(verdict).toMatchObject({
      type: "fits",
      plan: { deterministic: true, kvType: "q8_0", gpuLayers: 0 },
    })
  })

  test("says so when another cache was wished for", () => {
    const wish = { deterministic: true, kvType: "f16" } as const
    expect(planLoad({ header: small(), hardware: machine(), wish })).toMatchObject({
      plan: { kvType: "q8_0" },
      notices: ["The cache is q8_0, not f16: deterministic mode needs it."],
    })
  })

  test("gives each stream its own cells, also when a common store was wished for", () => {
    const wish = { deterministic: true, sharesCells: true }
    expect(planLoad({ header: small(), hardware: machine(), wish })).toMatchObject({
      plan: { sharesCells: false },
      notices: ["Each answer has its own cells: deterministic mode needs that."],
    })
  })

  test.each([
    ["weights of Q4_K", small("Q4_K"), {}],
    ["All layers were asked for on a GPU", small(), { gpuLayers: -1 }],
    ["3 layers were asked for on a GPU", small(), { gpuLayers: 3 }],
  ])("is refused for %s, also with force", (message, header, wish) => {
    expect(
      planLoad({ header, hardware: gpu, wish: { ...wish, deterministic: true, force: true } }),
    ).toMatchObject({
      type: "refused",
      reason: "deterministic",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    })
  })

  test("embeddings are made as always: they have no cache to promise anything of", () => {
    const wish = { deterministic: true, embeddings: true }
    const verdict = planLoad({ header: small("F16"), hardware: machine(), wish })
    expect(verdict).toMatchObject({ type: "fits", plan: { kvType: "f16" } })
    expect(verdict.plan.deterministic).toBeUndefined()
  })
})

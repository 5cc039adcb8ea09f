import { describe, expect, it } from "vitest"
import { chooseModel, groupModels, quantizationOfName } from "./gguf-names.ts"

describe("quantizationOfName", () => {
  it.each([
    ["SmolLM2-135M-Instruct.Q4_1", "Q4_1"],
    ["Qwen2.5-0.5B-Instruct-Q4_K_M", "Q4_K_M"],
    ["qwen2.5-7b-instruct-q4_k_m", "Q4_K_M"],
    ["Qwen3-8B-UD-Q4_K_XL", "UD-Q4_K_XL"],
    ["llama-3.2-1b-instruct-fp16", "F16"],
    ["model-BF16", "BF16"],
    ["gemma-3-270m-it-Q8_0", "Q8_0"],
    ["phi-4-IQ4_XS", "IQ4_XS"],
    ["gpt-oss-20b-MXFP4", "MXFP4"],
    ["nomic-embed-text-v1.5", ""],
  ])("%s → %s", (stem, quantization) => {
    expect(quantizationOfName(stem)).toBe(quantization)
  })
})

const named = (...names: readonly string[]) => groupModels(names.map((name) => ({ name })))

describe("groupModels", () => {
  it("joins parts in order and leaves out what is no model", () => {
    const models = named(
      "big/m-Q4_0-00002-of-00003.gguf",
      "big/m-Q4_0-00001-of-00003.gguf",
      "big/m-Q4_0-00003-of-00003.gguf",
      "mmproj-m-F16.gguf",
      "m.imatrix.gguf",
      "README.md",
    )
    expect(models).toHaveLength(1)
    expect(models[0]).toMatchObject({ quantization: "Q4_0", stem: "m-Q4_0", complete: true })
    expect(models[0]?.files.map(({ name }) => name.slice(-19))).toEqual([
      "-00001-of-00003.gguf".slice(1),
      "-00002-of-00003.gguf".slice(1),
      "-00003-of-00003.gguf".slice(1),
    ])
  })

  it("sees that parts are missing", () => {
    expect(named("m-00001-of-00002.gguf")[0]?.complete).toBe(false)
  })
})

describe("chooseModel", () => {
  it.each([
    [["m-F16.gguf", "m-Q8_0.gguf", "m-Q4_K_M.gguf", "m-Q4_0.gguf"], "m-Q4_K_M"],
    [["m-F16.gguf", "m-Q4_0.gguf", "m-Q8_0.gguf"], "m-Q8_0"],
    [["m-Q2_K.gguf", "m-Q4_0.gguf"], "m-Q4_0"],
    [["m.gguf"], "m"],
    [["m-Q4_K_M-00001-of-00002.gguf", "m-Q8_0.gguf"], "m-Q8_0"],
  ])("prefers of %j: %s", (names, stem) => {
    expect(chooseModel(named(...names), undefined)?.stem).toBe(stem)
  })

  it("finds what is named, in any case", () => {
    expect(chooseModel(named("m-f16.gguf", "m-q4_k_m.gguf"), "F16")?.stem).toBe("m-f16")
    expect(chooseModel(named("m-f16.gguf"), "Q8_0")).toBeUndefined()
  })
})

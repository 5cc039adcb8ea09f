import { describe, expect, it } from "vitest"
import { bufferSource } from "../byte-source.ts"
import { dequantise } from "../dequantise.ts"
import { readHeader } from "../read-header.ts"
import { TINY_LIMITS } from "./limits.ts"
import { buildTinyModel, tinyVocabulary } from "./tiny-model.ts"

async function headerOf(bytes: Uint8Array) {
  return readHeader(bufferSource(bytes), { limits: TINY_LIMITS })
}

describe("tiny models", () => {
  it("are the same bytes for the same options, and other weights for another seed", () => {
    expect(buildTinyModel({ seed: 3 })).toEqual(buildTinyModel({ seed: 3 }))
    expect(buildTinyModel({ seed: 3 })).not.toEqual(buildTinyModel({ seed: 4 }))
  })

  it("are small", () => {
    expect(buildTinyModel().length).toBeLessThan(256 * 1024)
  })

  it("have norms of ones and matrices of spread weights", async () => {
    const bytes = buildTinyModel()
    const { tensors, dataOffset } = await headerOf(bytes)
    const values = (name: string) => {
      const tensor = tensors.find((each) => each.name === name)!
      const from = dataOffset + tensor.offset
      return dequantise("F32", bytes.subarray(from, from + tensor.sizeBytes))
    }
    expect(new Set(values("output_norm.weight"))).toEqual(new Set([1]))
    const weights = values("blk.0.attn_q.weight")
    const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length
    expect(Math.abs(mean)).toBeLessThan(0.01)
    expect(Math.max(...weights)).toBeGreaterThan(0.1)
  })

  it("have the template that they are given, or none", async () => {
    const key = "tokenizer.chat_template"
    const template = async (chatTemplate?: string | null) =>
      (await headerOf(buildTinyModel(chatTemplate === undefined ? {} : { chatTemplate }))).metadata.get(key)
        ?.value
    expect(await template()).toContain("<|im_start|>")
    expect(await template("{{ messages }}")).toBe("{{ messages }}")
    expect(await template(null)).toBeUndefined()
  })

  it.each(["bpe", "spm"] as const)("have every token once (%s)", (vocabulary) => {
    const { tokens } = tinyVocabulary({ vocabulary, fillInTheMiddle: true })
    expect(new Set(tokens).size).toBe(tokens.length)
    expect(tokens).toContain("<|im_end|>")
    expect(tokens).toContain("<|fim_middle|>")
    expect(tinyVocabulary({ vocabulary }).tokens).not.toContain("<|fim_middle|>")
  })
})

import { describe, expect, it } from "vitest"
import { bufferSource } from "./byte-source.ts"
import { readHeader } from "./read-header.ts"
import { TINY_LIMITS } from "./testing/limits.ts"
import {
  buildTinyModel,
  type TinyModelOptions,
  type TinyTensor,
  tinyVocabulary,
} from "./testing/tiny-model.ts"
import { verdictOf } from "./testing/verdict.ts"

const PAIRS = tinyVocabulary({}).tokens

describe("rules of tensors", () => {
  const change =
    (name: string, now: Partial<TinyTensor>) =>
    (tensors: readonly TinyTensor[]): TinyTensor[] =>
      tensors.map((tensor) => (tensor.name === name ? { ...tensor, ...now } : tensor))
  const without = (name: string) => (tensors: readonly TinyTensor[]) =>
    tensors.filter((tensor) => tensor.name !== name)

  it.each<[string, string, NonNullable<TinyModelOptions["tensors"]>]>([
    [
      "vocabulary-size",
      "token_embd.weight",
      change("token_embd.weight", { dimensions: [64, PAIRS.length - 1] }),
    ],
    ["tensor-shape", "token_embd.weight", change("token_embd.weight", { dimensions: [32, PAIRS.length] })],
    ["tensor-shape", "blk.0.attn_q.weight", change("blk.0.attn_q.weight", { dimensions: [64, 32] })],
    ["tensor-shape", "blk.0.attn_k.weight", change("blk.0.attn_k.weight", { dimensions: [64, 64] })],
    ["tensor-shape", "blk.0.ffn_down.weight", change("blk.0.ffn_down.weight", { dimensions: [64, 128] })],
    ["tensor-shape", "output_norm.weight", change("output_norm.weight", { dimensions: [64, 2] })],
    ["tensor-use", "blk.0.attn_norm.weight", change("blk.0.attn_norm.weight", { type: "F16" })],
    ["tensor-use", "output_norm.weight", change("output_norm.weight", { type: "Q8_0" })],
    ["tensor-block", "blk.1.x", (tensors) => [...tensors, { name: "blk.1.x", dimensions: [1], type: "F32" }]],
    [
      "tensor-block",
      "blk.00.x",
      (tensors) => [...tensors, { name: "blk.00.x", dimensions: [1], type: "F32" }],
    ],
  ])("%s: %s", async (rule, name, tensors) => {
    const bytes = buildTinyModel({ tensors })
    const header = await readHeader(bufferSource(bytes), { limits: TINY_LIMITS })
    const tensor = header.tensors.find((each) => each.name === name)
    expect(await verdictOf(bytes)).toMatchObject({ rule, offset: tensor?.infoOffset })
  })

  it("types that no weights have", async () => {
    const integers = buildTinyModel({
      header: (header) => ({
        ...header,
        tensors: header.tensors.map((tensor) => ({
          ...tensor,
          typeId: tensor.name.includes("attn_q") ? 26 : tensor.typeId,
        })),
      }),
    })
    expect(await verdictOf(integers)).toMatchObject({ rule: "tensor-use" })
  })

  it.each(["token_embd.weight", "output_norm.weight", "blk.0.attn_v.weight", "blk.0.ffn_norm.weight"])(
    "a missing %s",
    async (name) => {
      const result = await verdictOf(buildTinyModel({ tensors: without(name) }))
      expect(result).toMatchObject({ rule: "tensor-missing", offset: 8 })
      expect(result.message).toContain(name)
    },
  )

  it("a vocabulary without a model", async () => {
    expect(await verdictOf(buildTinyModel({ tensors: () => [] }))).toMatchObject({
      rule: "tensor-missing",
      offset: 8,
    })
  })

  it("queries, keys and values in one matrix", async () => {
    const fused = buildTinyModel({
      tensors: (tensors) => [
        ...tensors.filter(({ name }) => !/attn_[qkv]\.weight/.test(name)),
        { name: "blk.0.attn_qkv.weight", dimensions: [64, 128], type: "F32" },
      ],
    })
    expect(await verdictOf(fused)).toMatchObject({ rule: "valid" })
  })
})

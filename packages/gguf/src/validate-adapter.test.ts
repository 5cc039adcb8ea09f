import { describe, expect, it } from "vitest"
import type { WritableEntry } from "./encode-header.ts"
import { text } from "./testing/entries.ts"
import { buildTinyAdapter, buildTinyModel, type TinyTensor } from "./testing/tiny-model.ts"
import { verdictOf } from "./testing/verdict.ts"

describe("adapters", () => {
  it.each(["llama", "qwen2", "gemma3"] as const)("a LoRA adapter for %s is valid", async (shape) => {
    const bytes = buildTinyAdapter({ shape, layers: 2, rank: 8 })
    expect(await verdictOf(bytes, { adapter: true })).toMatchObject({ rule: "valid" })
    expect(await verdictOf(bytes)).toMatchObject({ rule: "not-a-model" })
  })

  it("a model is none", async () => {
    expect(await verdictOf(buildTinyModel(), { adapter: true })).toMatchObject({ rule: "not-an-adapter" })
  })

  it.each<[string, string, WritableEntry | undefined]>([
    ["missing-key", "general.type", undefined],
    ["key-type", "general.type", { type: "uint32", value: 1 }],
    ["unknown-architecture", "general.architecture", text("rwkv7")],
    ["missing-key", "adapter.type", undefined],
    ["unknown-adapter", "adapter.type", text("control_vector")],
    ["key-type", "adapter.lora.alpha", { type: "uint32", value: 8 }],
    ["float-range", "adapter.lora.alpha", { type: "float32", value: Number.NaN }],
    ["key-type", "adapter.alora.invocation_tokens", { type: "uint32", value: 8 }],
    [
      "special-token",
      "adapter.alora.invocation_tokens",
      { type: "array", value: { itemType: "uint32", items: [2 ** 31] } },
    ],
  ])("%s: %s", async (rule, key, entry) => {
    const bytes = buildTinyAdapter({ metadata: { [key]: entry } })
    expect(await verdictOf(bytes, { adapter: true })).toMatchObject({ rule })
  })

  const first = (change: (tensor: TinyTensor) => TinyTensor) => (tensors: readonly TinyTensor[]) =>
    tensors.map((tensor, index) => (index === 0 ? change(tensor) : tensor))

  it.each<[string, (tensors: readonly TinyTensor[]) => readonly TinyTensor[]]>([
    ["tensor-missing", () => []],
    ["adapter-pair", (tensors) => tensors.slice(1)],
    ["adapter-pair", first((tensor) => ({ ...tensor, dimensions: [64, 5] }))],
    ["tensor-use", first((tensor) => ({ ...tensor, dimensions: [64] }))],
    ["adapter-tensor", first((tensor) => ({ ...tensor, name: "blk.0.attn_q.weight" }))],
  ])("%s", async (rule, tensors) => {
    expect(await verdictOf(buildTinyAdapter({ tensors }), { adapter: true })).toMatchObject({ rule })
  })
})

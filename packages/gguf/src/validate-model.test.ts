import { describe, expect, it } from "vitest"
import type { GgufLimits } from "./gguf-file.ts"
import { count, list, text } from "./testing/entries.ts"
import { TINY_LIMITS } from "./testing/limits.ts"
import { buildTinyModel, type TinyModelOptions, tinyVocabulary } from "./testing/tiny-model.ts"
import { verdictOf } from "./testing/verdict.ts"

type Changes = NonNullable<TinyModelOptions["metadata"]>

const PAIRS = tinyVocabulary({}).tokens

describe("valid models", () => {
  const shapes = ["llama", "qwen2", "gemma3"] as const
  const types = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"] as const

  it.each(
    shapes.flatMap((shape) => (["bpe", "spm"] as const).map((vocabulary) => [shape, vocabulary] as const)),
  )("%s with %s, of every type that can be written", async (shape, vocabulary) => {
    for (const type of types) {
      const bytes = buildTinyModel({ shape, vocabulary, type, layers: 2, fillInTheMiddle: true })
      expect(await verdictOf(bytes)).toMatchObject({ rule: "valid" })
      expect(bytes.length).toBeLessThan(500_000)
    }
  })

  it.each<[string, Changes]>([
    ["an id of -1 for a token that does not exist", { "tokenizer.ggml.mask_token_id": count(0xffffffff) }],
    ["numbers once for each layer", { "llama.attention.head_count_kv": list("uint32", [2]) }],
    ["no general.type", { "general.type": undefined }],
    [
      "no head_count_kv",
      { "llama.attention.head_count_kv": count(2), "llama.rope.scaling.type": text("yarn") },
    ],
    ["a template of an embedder", { "llama.pooling_type": count(3) }],
    ["no scores, no types", { "tokenizer.ggml.token_type": undefined }],
  ])("%s", async (_, metadata) => {
    expect(await verdictOf(buildTinyModel({ metadata }))).toMatchObject({ rule: "valid" })
  })
})

describe("limits, at n and n + 1", () => {
  it.each<[keyof GgufLimits, string, number, Changes]>([
    ["layers", "layer-count", 1, {}],
    ["heads", "head-count", 4, {}],
    ["embeddingLength", "embedding-length", 64, {}],
    ["feedForwardLength", "feed-forward-length", 128, {}],
    ["contextLength", "context-length", 2048, {}],
    ["vocabularySize", "vocabulary-size", PAIRS.length, {}],
    ["tokenBytes", "token-length", "<start_of_turn>".length, {}],
    ["mergeBytes", "token-length", "assistan t".length, {}],
    ["chatTemplateBytes", "chat-template-size", 10, { "tokenizer.chat_template": text("é".repeat(5)) }],
  ])("%s", async (limit, rule, n, metadata) => {
    const bytes = buildTinyModel({ metadata })
    expect((await verdictOf(bytes, { limits: { ...TINY_LIMITS, [limit]: n } })).rule).toBe("valid")
    expect((await verdictOf(bytes, { limits: { ...TINY_LIMITS, [limit]: n - 1 } })).rule).toBe(rule)
  })

  it("experts", async () => {
    const bytes = (experts: number) =>
      buildTinyModel({
        metadata: { "llama.expert_count": count(experts), "llama.expert_used_count": count(1) },
      })
    expect((await verdictOf(bytes(TINY_LIMITS.experts))).rule).not.toBe("experts")
    expect((await verdictOf(bytes(TINY_LIMITS.experts + 1))).rule).toBe("experts")
  })
})

import { describe, expect, it } from "vitest"
import { bufferSource } from "./byte-source.ts"
import type { WritableEntry } from "./encode-header.ts"
import type { GgufLimits } from "./gguf-file.ts"
import { readHeader } from "./read-header.ts"
import { TINY_LIMITS } from "./testing/limits.ts"
import {
  buildTinyModel,
  type TinyModelOptions,
  type TinyTensor,
  tinyVocabulary,
} from "./testing/tiny-model.ts"
import { verdictOf } from "./testing/verdict.ts"

type Changes = NonNullable<TinyModelOptions["metadata"]>

const count = (value: number): WritableEntry => ({ type: "uint32", value })
const float = (value: number): WritableEntry => ({ type: "float32", value })
const text = (value: string): WritableEntry => ({ type: "string", value })
const flag = (value: boolean): WritableEntry => ({ type: "bool", value })
const list = (
  itemType: "uint32" | "int32" | "uint8" | "float32",
  items: readonly number[],
): WritableEntry => ({
  type: "array",
  value: { itemType, items },
})
const texts = (items: readonly string[]): WritableEntry => ({
  type: "array",
  value: { itemType: "string", items },
})

const PAIRS = tinyVocabulary({}).tokens
const PIECES = tinyVocabulary({ vocabulary: "spm" }).tokens
const replaced = (tokens: readonly string[], old: string, now: string) =>
  texts(tokens.map((token) => (token === old ? now : token)))

/** The verdict on a model with these changes, and the offset of a key of it (24 where the key is missing). */
async function verdict(options: TinyModelOptions, key: string, limits: GgufLimits = TINY_LIMITS) {
  const bytes = buildTinyModel(options)
  const header = await readHeader(bufferSource(bytes), { limits })
  const { rule, offset, message } = await verdictOf(bytes, { limits })
  return { rule, offset, message, expected: header.metadata.get(key)?.offset ?? 24 }
}

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

describe("rules of numbers", () => {
  it.each<[string, string, WritableEntry | undefined]>([
    ["not-a-model", "general.type", text("adapter")],
    ["not-a-model", "general.type", text("mmproj")],
    ["key-type", "general.type", count(1)],
    ["missing-key", "general.architecture", undefined],
    ["unknown-architecture", "general.architecture", text("plamo2")],
    ["unknown-architecture", "general.architecture", text("constructor")],
    ["key-type", "llama.block_count", { type: "uint64", value: 1n }],
    ["missing-key", "llama.block_count", undefined],
    ["layer-count", "llama.block_count", count(0)],
    ["layer-count", "llama.block_count", count(600)],
    ["layer-count", "llama.block_count", count(100_000)],
    ["layer-count", "llama.nextn_predict_layers", count(1)],
    ["missing-key", "llama.context_length", undefined],
    ["context-length", "llama.context_length", count(0)],
    ["context-length", "llama.context_length", count(1_000_000_000)],
    ["embedding-length", "llama.embedding_length", count(0)],
    ["embedding-length", "llama.embedding_length", count(2 ** 31 - 1)],
    ["embedding-length", "llama.embedding_length_out", count(65_535)],
    ["feed-forward-length", "llama.feed_forward_length", count(0)],
    ["feed-forward-length", "llama.feed_forward_length", count(2 ** 32 - 1)],
    ["missing-key", "llama.feed_forward_length", undefined],
    ["head-count", "llama.attention.head_count", count(0)],
    ["head-count", "llama.attention.head_count", count(33)],
    ["missing-key", "llama.attention.head_count", undefined],
    ["head-count-kv", "llama.attention.head_count_kv", count(0)],
    ["head-count-kv", "llama.attention.head_count_kv", count(3)],
    ["head-count-kv", "llama.attention.head_count_kv", count(8)],
    ["per-layer-length", "llama.attention.head_count_kv", list("uint32", [2, 2])],
    ["key-type", "llama.attention.head_count_kv", list("uint8", [2])],
    ["head-count-kv", "llama.attention.head_count_kv", list("int32", [-2])],
    ["head-size", "llama.attention.key_length", count(0)],
    ["head-size", "llama.attention.value_length", count(8)],
    ["rope-dimension", "llama.rope.dimension_count", count(0)],
    ["rope-dimension", "llama.rope.dimension_count", count(8)],
    ["rope-dimension", "llama.rope.dimension_count", count(18)],
    ["rope-dimension", "llama.rope.dimension_count_swa", count(8)],
    ["head-size", "llama.attention.key_length_swa", count(8)],
    ["rope-scaling", "llama.rope.scaling.type", text("spiral")],
    ["float-range", "llama.rope.freq_base", float(Number.NaN)],
    ["float-range", "llama.rope.freq_base", float(0)],
    ["float-range", "llama.attention.layer_norm_rms_epsilon", float(Number.NaN)],
    ["float-range", "llama.attention.layer_norm_rms_epsilon", float(-1)],
    ["float-range", "llama.attention.layer_norm_rms_epsilon", float(Number.POSITIVE_INFINITY)],
    ["missing-key", "llama.attention.layer_norm_rms_epsilon", undefined],
    ["experts", "llama.expert_count", count(17)],
    ["experts", "llama.expert_used_count", count(1)],
    ["experts", "llama.expert_group_count", count(2)],
    ["experts", "llama.expert_gating_func", count(9)],
    ["pooling-type", "llama.pooling_type", count(5)],
    ["key-type", "llama.attention.causal", count(1)],
    ["split-file", "split.count", { type: "uint16", value: 3 }],
    ["alignment", "general.alignment", count(16)],
  ])("%s: %s", async (rule, key, entry) => {
    const result = await verdict({ metadata: { [key]: entry } }, key)
    expect(result).toMatchObject({ rule, offset: result.expected })
    expect(result.message.length).toBeGreaterThan(10)
  })

  it("experts that are all or none in use", async () => {
    const experts = (used: number) => ({
      "llama.expert_count": count(4),
      "llama.expert_used_count": count(used),
      "llama.expert_feed_forward_length": count(0),
    })
    expect((await verdict({ metadata: experts(0) }, "llama.expert_used_count")).rule).toBe("experts")
    expect((await verdict({ metadata: experts(5) }, "llama.expert_used_count")).rule).toBe("experts")
    expect((await verdict({ metadata: experts(4) }, "llama.expert_used_count")).rule).toBe(
      "feed-forward-length",
    )
  })

  it("layers that differ", async () => {
    const metadata = { "llama.attention.head_count_kv": list("uint32", [2, 1]) }
    const result = await verdict({ layers: 2, metadata }, "llama.attention.head_count_kv")
    expect(result).toMatchObject({ rule: "per-layer-values", offset: result.expected })
  })

  it("heads that do not divide the embedding", async () => {
    const metadata = {
      "llama.attention.head_count": count(3),
      "llama.attention.head_count_kv": count(3),
      "llama.attention.key_length": undefined,
      "llama.attention.value_length": undefined,
    }
    const result = await verdict({ metadata }, "llama.attention.head_count")
    expect(result).toMatchObject({ rule: "head-size", offset: result.expected })
  })

  it("heads that do not make up the embedding, where they must", async () => {
    const metadata = { "qwen2.attention.key_length": count(8), "qwen2.attention.value_length": count(8) }
    const result = await verdict({ shape: "qwen2", metadata }, "qwen2.attention.key_length")
    expect(result).toMatchObject({ rule: "head-size", offset: result.expected })
  })

  it("a window that no layer uses", async () => {
    const key = "gemma3.attention.sliding_window_pattern"
    for (const entry of [count(1), list("int32", [0]), list("int32", [1, 1])]) {
      const result = await verdict({ shape: "gemma3", metadata: { [key]: entry } }, key)
      expect(result).toMatchObject({ rule: "sliding-window", offset: result.expected })
    }
    const rotated = { "gemma3.rope.dimension_count_swa": count(32) }
    expect((await verdict({ shape: "gemma3", metadata: rotated }, key)).rule).toBe("rope-dimension")
  })
})

/** A tiny model whose keys are those of another architecture; its tensors stay, so it is refused in the end. */
function renamed(name: string, changes: Changes): TinyModelOptions {
  const metadata = { ...changes, "general.architecture": text(name) }
  return {
    shape: "gemma3",
    metadata,
    header: (header) => {
      const entries = [...header.metadata].map(
        ([key, entry]) => [key.replace(/^gemma3\./, `${name}.`), entry] as const,
      )
      return { ...header, metadata: new Map(entries) }
    },
  }
}

describe("rules of single architectures", () => {
  const latent = (changes: Changes) =>
    renamed("deepseek2", {
      "gemma3.attention.kv_lora_rank": count(32),
      "gemma3.expert_feed_forward_length": count(32),
      "gemma3.expert_shared_count": count(1),
      "gemma3.attention.head_count_kv": count(4),
      "gemma3.attention.key_length": count(24),
      "gemma3.rope.dimension_count": count(8),
      ...changes,
    })
  const absorbed: Changes = {
    "gemma3.attention.head_count_kv": count(1),
    "gemma3.attention.key_length": count(40),
    "gemma3.attention.value_length": count(32),
    "gemma3.attention.key_length_mla": count(24),
    "gemma3.attention.value_length_mla": count(16),
  }
  const window = "gemma3.attention.sliding_window"

  it.each<[string, string, TinyModelOptions]>([
    ["missing-key", "a window that must be there", renamed("gemma-embedding", { [window]: undefined })],
    ["sliding-window", "a window of nothing", renamed("gemma-embedding", { [window]: count(0) })],
    ["sliding-window", "no layer without the window", renamed("gemma-embedding", {})],
    ["missing-key", "a scale without a default", renamed("granite", {})],
    [
      "experts",
      "experts that must be there",
      renamed("qwen3moe", { "gemma3.rope.dimension_count": count(16) }),
    ],
    // The numbers are in order; what it lacks are tensors.
    ["tensor-shape", "compressed keys", latent({ "gemma3.embedding_length": count(32) })],
    ["tensor-shape", "absorbed keys", latent({ ...absorbed, "gemma3.embedding_length": count(32) })],
    ["head-size", "a rank of 0", latent({ "gemma3.attention.kv_lora_rank": count(0) })],
    ["head-size", "fewer key-value heads", latent({ "gemma3.attention.head_count_kv": count(2) })],
    ["head-size", "half of the absorbed sizes", latent({ "gemma3.attention.key_length_mla": count(24) })],
    [
      "head-size",
      "absorbed keys that do not add up",
      latent({ ...absorbed, "gemma3.attention.key_length": count(41) }),
    ],
    ["rope-dimension", "no part without positions", latent({ "gemma3.rope.dimension_count": count(24) })],
    ["rope-dimension", "an odd part with positions", latent({ "gemma3.rope.dimension_count": count(7) })],
  ])("%s: %s", async (rule, _, options) => {
    expect(await verdictOf(buildTinyModel(options))).toMatchObject({ rule })
  })
})

describe("rules of vocabularies", () => {
  const tokens = "tokenizer.ggml.tokens"
  const types = "tokenizer.ggml.token_type"

  it.each<[string, string, "bpe" | "spm", Changes]>([
    ["missing-key", "tokenizer.ggml.model", "bpe", { "tokenizer.ggml.model": undefined }],
    ["unknown-tokenizer", "tokenizer.ggml.model", "bpe", { "tokenizer.ggml.model": text("rwkv") }],
    ["unknown-tokenizer", "tokenizer.ggml.model", "bpe", { "tokenizer.ggml.model": text("toString") }],
    ["missing-key", tokens, "bpe", { [tokens]: undefined }],
    ["token-table-type", tokens, "bpe", { [tokens]: list("int32", [1]) }],
    ["vocabulary-size", tokens, "bpe", { [tokens]: texts([]) }],
    ["token-table-type", types, "bpe", { [types]: list("uint8", new Array(PAIRS.length).fill(1)) }],
    ["token-table-length", types, "bpe", { [types]: list("int32", new Array(PAIRS.length - 1).fill(1)) }],
    ["token-table-length", types, "bpe", { [types]: list("int32", new Array(PAIRS.length + 1).fill(1)) }],
    ["token-table-length", "tokenizer.ggml.scores", "spm", { "tokenizer.ggml.scores": list("float32", [1]) }],
    ["token-table-type", "tokenizer.ggml.scores", "spm", { "tokenizer.ggml.scores": list("uint32", [1]) }],
    ["duplicate-token", tokens, "bpe", { [tokens]: replaced(PAIRS, "b", "a") }],
    ["duplicate-token", tokens, "bpe", { [tokens]: replaced(PAIRS, "b", "a\0hidden") }],
    ["byte-token", tokens, "spm", { [tokens]: replaced(PIECES, "<0x41>", "<0xZZ>") }],
    ["byte-token", tokens, "spm", { [tokens]: replaced(PIECES, "<0x41>", "<0x-1>") }],
    ["byte-token", tokens, "spm", { [tokens]: replaced(PIECES, "<0x41>", "x0") }],
    ["token-length", tokens, "bpe", { [tokens]: replaced(PAIRS, "b", "b".repeat(65)) }],
    ["merges-missing", tokens, "bpe", { "tokenizer.ggml.merges": undefined }],
    ["token-table-type", "tokenizer.ggml.merges", "bpe", { "tokenizer.ggml.merges": list("int32", [1]) }],
    ["token-length", "tokenizer.ggml.merges", "bpe", { "tokenizer.ggml.merges": texts(["x".repeat(129)]) }],
    [
      "special-token",
      "tokenizer.ggml.bos_token_id",
      "bpe",
      { "tokenizer.ggml.bos_token_id": count(PAIRS.length) },
    ],
    [
      "key-type",
      "tokenizer.ggml.bos_token_id",
      "bpe",
      { "tokenizer.ggml.bos_token_id": { type: "int32", value: -1 } },
    ],
    [
      "special-token",
      "tokenizer.ggml.suppress_tokens",
      "bpe",
      { "tokenizer.ggml.suppress_tokens": list("int32", [-1]) },
    ],
    ["key-type", "tokenizer.ggml.add_bos_token", "bpe", { "tokenizer.ggml.add_bos_token": count(1) }],
    ["key-type", "tokenizer.chat_template", "bpe", { "tokenizer.chat_template": count(1) }],
    [
      "chat-template-loop",
      "tokenizer.chat_template.tool_use",
      "bpe",
      { "tokenizer.chat_template.tool_use": text("{% for i in range(0, 100_001) %}x{% endfor %}") },
    ],
  ])("%s: %s (%s)", async (rule, key, vocabulary, metadata) => {
    const result = await verdict({ vocabulary, metadata }, key)
    expect(result).toMatchObject({ rule, offset: result.expected })
  })

  it("a byte without a token", async () => {
    const values = PIECES.map((token) => (token.startsWith("<0x") ? 6 : 1))
    values[PIECES.indexOf("<0xE9>")] = 1
    const metadata = { [tokens]: replaced(PIECES, "<0xE9>", "other"), [types]: list("int32", values) }
    const result = await verdict({ vocabulary: "spm", metadata }, tokens)
    expect(result).toMatchObject({ rule: "byte-token-missing", offset: result.expected })
    expect(result.message).toContain("<0xE9>")
  })

  it("an unknown token type, with the place of that token's type", async () => {
    const values = new Array(PAIRS.length).fill(1)
    values[5] = 7
    const result = await verdict({ metadata: { [types]: list("int32", values) } }, types)
    expect(result).toMatchObject({ rule: "token-type", offset: result.expected + 5 * 4 })
  })

  it("a token to begin texts with that does not exist", async () => {
    const metadata = {
      "tokenizer.ggml.pre": text("glm4"),
      "tokenizer.ggml.add_bos_token": flag(true),
      "tokenizer.ggml.bos_token_id": undefined,
    }
    const result = await verdict({ metadata }, "tokenizer.ggml.add_bos_token")
    expect(result).toMatchObject({ rule: "special-token", offset: result.expected })
  })

  it("a token to end texts with that does not exist", async () => {
    const metadata = {
      "tokenizer.ggml.model": text("gemma4"),
      "tokenizer.ggml.add_eos_token": flag(true),
      "tokenizer.ggml.eos_token_id": undefined,
    }
    const result = await verdict({ metadata }, "tokenizer.ggml.add_eos_token")
    expect(result).toMatchObject({ rule: "special-token", offset: result.expected })
  })

  it("WordPiece without its separator", async () => {
    const few = {
      [tokens]: texts(PAIRS.slice(0, 50)),
      [types]: undefined,
      "tokenizer.ggml.model": text("bert"),
    }
    const ids = { "tokenizer.ggml.eos_token_id": undefined, "tokenizer.ggml.padding_token_id": undefined }
    const known = { "tokenizer.ggml.bos_token_id": count(0), "tokenizer.ggml.unknown_token_id": count(1) }
    const result = await verdict({ metadata: { ...few, ...ids, ...known } }, "tokenizer.ggml.model")
    expect(result).toMatchObject({ rule: "special-token", offset: result.expected })
  })

  it("unigrams with a table of characters that claims more than it has", async () => {
    const key = "tokenizer.ggml.precompiled_charsmap"
    const table = (bytes: number[]) => ({ "tokenizer.ggml.model": text("t5"), [key]: list("uint8", bytes) })
    const judge = (bytes: number[]) => verdict({ vocabulary: "spm", metadata: table(bytes) }, key)
    expect((await judge([4, 0, 0, 0, 1, 2, 3, 4, 65, 0])).rule).toBe("valid")
    for (const bytes of [
      [],
      [1, 0, 0],
      [200, 0, 0, 0, 1, 2, 3, 0],
      [3, 0, 0, 0, 1, 2, 3, 0],
      [4, 0, 0, 0, 1, 2, 3, 4, 65],
    ]) {
      const result = await judge(bytes)
      expect(result).toMatchObject({ rule: "charsmap", offset: result.expected })
    }
  })

  it("empty tokens have texts of their own", async () => {
    expect((await verdict({ metadata: { [tokens]: replaced(PAIRS, "b", "") } }, tokens)).rule).toBe("valid")
    const clash = PAIRS.map((token, id) => (id === 4 ? "" : id === 9 ? "[EMPTY_4]" : token))
    expect((await verdict({ metadata: { [tokens]: texts(clash) } }, tokens)).rule).toBe("duplicate-token")
  })
})

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

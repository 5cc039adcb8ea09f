import { describe, expect, it } from "vitest"
import type { WritableEntry } from "./encode-header.ts"
import { count, float, list, text } from "./testing/entries.ts"
import { buildTinyModel, type TinyModelOptions } from "./testing/tiny-model.ts"
import { verdictAt, verdictOf } from "./testing/verdict.ts"

type Changes = NonNullable<TinyModelOptions["metadata"]>

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
    const result = await verdictAt({ metadata: { [key]: entry } }, key)
    expect(result).toMatchObject({ rule, offset: result.expected })
    expect(result.message.length).toBeGreaterThan(10)
  })

  it("experts that are all or none in use", async () => {
    const experts = (used: number) => ({
      "llama.expert_count": count(4),
      "llama.expert_used_count": count(used),
      "llama.expert_feed_forward_length": count(0),
    })
    expect((await verdictAt({ metadata: experts(0) }, "llama.expert_used_count")).rule).toBe("experts")
    expect((await verdictAt({ metadata: experts(5) }, "llama.expert_used_count")).rule).toBe("experts")
    expect((await verdictAt({ metadata: experts(4) }, "llama.expert_used_count")).rule).toBe(
      "feed-forward-length",
    )
  })

  it("layers that differ", async () => {
    const metadata = { "llama.attention.head_count_kv": list("uint32", [2, 1]) }
    const result = await verdictAt({ layers: 2, metadata }, "llama.attention.head_count_kv")
    expect(result).toMatchObject({ rule: "per-layer-values", offset: result.expected })
  })

  it("heads that do not divide the embedding", async () => {
    const metadata = {
      "llama.attention.head_count": count(3),
      "llama.attention.head_count_kv": count(3),
      "llama.attention.key_length": undefined,
      "llama.attention.value_length": undefined,
    }
    const result = await verdictAt({ metadata }, "llama.attention.head_count")
    expect(result).toMatchObject({ rule: "head-size", offset: result.expected })
  })

  it("heads that do not make up the embedding, where they must", async () => {
    const metadata = { "qwen2.attention.key_length": count(8), "qwen2.attention.value_length": count(8) }
    const result = await verdictAt({ shape: "qwen2", metadata }, "qwen2.attention.key_length")
    expect(result).toMatchObject({ rule: "head-size", offset: result.expected })
  })

  it("a window that no layer uses", async () => {
    const key = "gemma3.attention.sliding_window_pattern"
    for (const entry of [count(1), list("int32", [0]), list("int32", [1, 1])]) {
      const result = await verdictAt({ shape: "gemma3", metadata: { [key]: entry } }, key)
      expect(result).toMatchObject({ rule: "sliding-window", offset: result.expected })
    }
    const rotated = { "gemma3.rope.dimension_count_swa": count(32) }
    expect((await verdictAt({ shape: "gemma3", metadata: rotated }, key)).rule).toBe("rope-dimension")
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
    ["valid", "layers with and without a window", { ...renamed("gemma-embedding", {}), layers: 6 }],
    [
      "sliding-window",
      "a window of nothing",
      { ...renamed("gemma-embedding", { [window]: count(0) }), layers: 6 },
    ],
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

// The model architectures that Fireside loads, as data: what `validate-model.ts` must know about each. The allowlist
// is the first wall: an architecture that is not here never reaches native code. Read off llama.cpp v0.5.0,
// `src/models/*.cpp`: what its loader reads, and what its graphs assume without checking.

/** Widths that tensor shapes are written in, one letter each; `readHyperparameters` gives their values. */
export type Width = "E" | "V" | "F" | "Q" | "K" | "U" | "O" | "H" | "X" | "P"

/** Tensor name (after `blk.N.` for those of a layer) → shape in ggml order. A name ending in `?` may be missing. */
export type Layout = Readonly<Record<string, readonly Width[]>>

export interface Architecture {
  /** The key of the norm's epsilon; llama.cpp reads it without a default. */
  readonly epsilon: "attention.layer_norm_rms_epsilon" | "attention.layer_norm_epsilon"
  /** `head`: the graph asserts that all of a head is rotated. `part`: some of it. `none`: learnt positions. */
  readonly rope: "head" | "part" | "none"
  /** `embedding`: heads × head size must be the embedding length. `free`: the head size is its own number. */
  readonly heads: "embedding" | "free"
  /** Every how many layers one sees everything, when the file does not say; present where a window can be used. */
  readonly slidingWindow?: {
    readonly pattern: number
    readonly required: boolean
    /** The graph needs a layer without the window too. */
    readonly both?: true
  }
  /** Further keys that llama.cpp reads without a default. */
  readonly required?: readonly string[]
  /** Keys and values are compressed (multi-head latent attention), so head sizes follow other rules. */
  readonly latentAttention?: true
  /** It has experts, always. */
  readonly experts?: true
  readonly whole: Layout
  readonly layer: Layout
}

const RMS = "attention.layer_norm_rms_epsilon"
const LAYER_NORM = "attention.layer_norm_epsilon"

const WHOLE: Layout = {
  "token_embd.weight": ["E", "V"],
  "output_norm.weight": ["E"],
  "output.weight?": ["E", "V"],
}
const EMBEDDING_ONLY: Layout = { "token_embd.weight": ["E", "V"], "output.weight?": ["E", "V"] }

const ATTENTION: Layout = {
  "attn_q.weight": ["E", "Q"],
  "attn_k.weight": ["E", "K"],
  "attn_v.weight": ["E", "U"],
  "attn_output.weight": ["O", "E"],
  "attn_q.bias?": ["Q"],
  "attn_k.bias?": ["K"],
  "attn_v.bias?": ["U"],
  "attn_output.bias?": ["E"],
}
const NORMS: Layout = { "attn_norm.weight": ["E"], "ffn_norm.weight": ["E"] }
const HEAD_NORMS: Layout = { "attn_q_norm.weight": ["H"], "attn_k_norm.weight": ["H"] }
const POST_NORMS: Layout = { "post_attention_norm.weight": ["E"], "post_ffw_norm.weight": ["E"] }
const GATED: Layout = {
  "ffn_gate.weight": ["E", "F"],
  "ffn_up.weight": ["E", "F"],
  "ffn_down.weight": ["F", "E"],
}
const PLAIN: Layout = { "ffn_up.weight": ["E", "F"], "ffn_down.weight": ["F", "E"] }
const EXPERTS: Layout = {
  "ffn_gate_inp.weight": ["E", "X"],
  "ffn_gate_exps.weight": ["E", "P", "X"],
  "ffn_up_exps.weight": ["E", "P", "X"],
  "ffn_down_exps.weight": ["P", "E", "X"],
}
/** Either dense or with experts, as the file says. */
const EITHER: Layout = {
  ...NORMS,
  ...ATTENTION,
  "ffn_gate.weight?": ["E", "F"],
  "ffn_up.weight?": ["E", "F"],
  "ffn_down.weight?": ["F", "E"],
  "ffn_gate_inp.weight?": ["E", "X"],
  "ffn_gate_exps.weight?": ["E", "F", "X"],
  "ffn_up_exps.weight?": ["E", "F", "X"],
  "ffn_down_exps.weight?": ["F", "E", "X"],
}
const DENSE: Layout = { ...NORMS, ...ATTENTION, ...GATED }
const BERT_LAYER: Layout = {
  ...ATTENTION,
  ...PLAIN,
  "attn_output_norm.weight": ["E"],
  "layer_output_norm.weight": ["E"],
}

const LLAMA = { epsilon: RMS, rope: "head", heads: "free", whole: WHOLE, layer: EITHER } as const
const QWEN2 = { epsilon: RMS, rope: "head", heads: "embedding", whole: WHOLE, layer: DENSE } as const
const QWEN3 = { ...LLAMA, layer: { ...DENSE, ...HEAD_NORMS } } as const
const GEMMA = { epsilon: RMS, rope: "part", heads: "free", whole: WHOLE, layer: DENSE } as const
const GEMMA3 = { ...GEMMA, layer: { ...DENSE, ...HEAD_NORMS, ...POST_NORMS } } as const
const COHERE = {
  epsilon: LAYER_NORM,
  rope: "part",
  heads: "embedding",
  whole: WHOLE,
  layer: { "attn_norm.weight": ["E"], ...ATTENTION, ...GATED },
} as const
const BERT = { epsilon: LAYER_NORM, heads: "embedding", whole: EMBEDDING_ONLY, layer: BERT_LAYER } as const

export const ARCHITECTURES: Readonly<Record<string, Architecture>> = Object.freeze({
  llama: LLAMA,
  mistral3: LLAMA,
  smollm3: { ...LLAMA, layer: DENSE },
  exaone: { ...LLAMA, layer: DENSE },
  seed_oss: {
    ...LLAMA,
    layer: { "attn_norm.weight": ["E"], "post_attention_norm.weight": ["E"], ...ATTENTION, ...GATED },
  },
  ernie4_5: { ...LLAMA, layer: DENSE },
  minicpm: LLAMA,
  granite: { ...LLAMA, required: ["logit_scale"] },
  granitemoe: { ...LLAMA, required: ["logit_scale"], experts: true },
  internlm2: QWEN2,
  qwen2: QWEN2,
  qwen2moe: {
    ...QWEN2,
    // Without its own key the experts' length is the feed-forward length over the experts in use, so no shapes here.
    layer: { ...NORMS, ...ATTENTION, "ffn_gate_inp.weight": ["E", "X"] },
    experts: true,
  },
  qwen3: QWEN3,
  qwen3moe: { ...LLAMA, layer: { ...NORMS, ...ATTENTION, ...HEAD_NORMS, ...EXPERTS }, experts: true },
  gemma: GEMMA,
  gemma2: {
    ...GEMMA,
    layer: { ...DENSE, ...POST_NORMS },
    slidingWindow: { pattern: 2, required: false },
  },
  gemma3: { ...GEMMA3, slidingWindow: { pattern: 6, required: false } },
  "gemma-embedding": { ...GEMMA3, slidingWindow: { pattern: 6, required: true, both: true } },
  phi2: {
    epsilon: LAYER_NORM,
    rope: "part",
    heads: "embedding",
    whole: WHOLE,
    layer: { "attn_norm.weight": ["E"], ...ATTENTION, ...PLAIN },
  },
  // Its up matrix holds gate and up, so it has no shape here.
  phi3: {
    epsilon: RMS,
    rope: "part",
    heads: "embedding",
    whole: WHOLE,
    layer: { ...NORMS, ...ATTENTION, "ffn_down.weight": ["F", "E"] },
  },
  glm4: {
    ...GEMMA,
    layer: { ...NORMS, ...POST_NORMS, ...ATTENTION, "ffn_down.weight": ["F", "E"] },
  },
  olmo: { ...QWEN2, epsilon: LAYER_NORM, whole: EMBEDDING_ONLY, layer: { ...ATTENTION, ...GATED } },
  olmo2: {
    ...QWEN2,
    layer: {
      ...ATTENTION,
      ...GATED,
      ...POST_NORMS,
      "attn_q_norm.weight": ["E"],
      "attn_k_norm.weight": ["K"],
    },
    slidingWindow: { pattern: 4, required: false },
  },
  starcoder2: { ...QWEN2, epsilon: LAYER_NORM, layer: { ...NORMS, ...ATTENTION, ...PLAIN } },
  stablelm: {
    ...COHERE,
    layer: { "attn_norm.weight": ["E"], "ffn_norm.weight?": ["E"], ...ATTENTION, ...GATED },
  },
  falcon: {
    ...QWEN2,
    epsilon: LAYER_NORM,
    layer: { "attn_norm.weight": ["E"], "attn_output.weight": ["O", "E"], ...PLAIN },
  },
  "command-r": COHERE,
  cohere2: { ...COHERE, required: ["logit_scale"], slidingWindow: { pattern: 4, required: true } },
  "gpt-oss": {
    ...LLAMA,
    layer: { "attn_norm.weight": ["E"], "post_attention_norm.weight": ["E"], ...ATTENTION, ...EXPERTS },
    slidingWindow: { pattern: 2, required: true },
    required: ["expert_feed_forward_length"],
    experts: true,
  },
  deepseek2: {
    epsilon: RMS,
    rope: "part",
    heads: "free",
    latentAttention: true,
    required: ["attention.kv_lora_rank", "expert_feed_forward_length", "expert_shared_count"],
    whole: WHOLE,
    layer: NORMS,
  },
  bert: { ...BERT, rope: "none" },
  "nomic-bert": { ...BERT, rope: "part", layer: { ...BERT_LAYER, "ffn_gate.weight": ["E", "F"] } },
} satisfies Record<string, Architecture>)

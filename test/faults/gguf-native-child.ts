// A child process that loads files with the real llama.cpp and runs a few tokens through them. It is meant to be
// crashed: the parent notices, counts, and starts another. Told a `Job`, it answers with what came of it.
//
// Only what the check needs of the C API; the engine's binding is a different, careful one.

import { readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import koffi from "koffi"

export type NativeOutcome = "ran" | "refused"

export interface Job {
  readonly file: string
  /** A LoRA adapter to put onto it. */
  readonly adapter?: string
  /** Runs it as an embedder. Such models cannot run otherwise. Defaults to false. */
  readonly embeddings?: boolean
}

const PLATFORM = { linux: "linux", darwin: "mac", win32: "win" }[process.platform as string] ?? "linux"
const PACKAGE = `@node-llama-cpp/${PLATFORM}-${process.arch}${PLATFORM === "mac" && process.arch === "arm64" ? "-metal" : ""}`
const BINS = join(
  dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE))),
  "bins",
  PACKAGE.slice(PACKAGE.indexOf("/") + 1),
)

/** Enough for the prompt below; a file's own claim about its context must not matter here. */
const CONTEXT_TOKENS = 256
const TEXT = "The capital of France is Paris.\n\t😀 नमस्ते <|im_end|> \u0000x"

function open(pattern: RegExp) {
  const name = readdirSync(BINS).find((file) => pattern.test(file))
  if (name === undefined) throw new Error(`no library like ${pattern} in ${BINS}`)
  return koffi.load(join(BINS, name))
}

const base = open(/^(lib)?ggml-base\.(so|dylib|dll)$/)
const ggml = open(/^(lib)?ggml(\.v[\d.]+)?\.(so|dylib|dll)$/)
const llama = open(/^(lib)?llama(\.v[\d.]+)?\.(so|dylib|dll)$/)

const P = "void *"
koffi.struct("llama_model_params", {
  ...{
    devices: P,
    tensor_buft_overrides: P,
    n_gpu_layers: "int32_t",
    split_mode: "int32_t",
    load_mode: "int32_t",
  },
  ...{
    lazy_mode: "int32_t",
    main_gpu: "int32_t",
    tensor_split: P,
    progress_callback: P,
    progress_user_data: P,
  },
  ...{ kv_overrides: P, vocab_only: "bool", check_tensors: "bool", use_extra_bufts: "bool", no_host: "bool" },
  ...{ no_alloc: "bool", load_mtp: "bool" },
})
koffi.struct("llama_context_params", {
  ...{
    n_ctx: "uint32_t",
    n_batch: "uint32_t",
    n_ubatch: "uint32_t",
    n_seq_max: "uint32_t",
    n_rs_seq: "uint32_t",
  },
  ...{
    n_outputs_max: "uint32_t",
    n_outputs_max_per_seq: "uint32_t",
    n_threads: "int32_t",
    n_threads_batch: "int32_t",
  },
  ...{
    ctx_type: "int32_t",
    rope_scaling_type: "int32_t",
    pooling_type: "int32_t",
    attention_type: "int32_t",
  },
  ...{
    flash_attn_type: "int32_t",
    rope_freq_base: "float",
    rope_freq_scale: "float",
    yarn_ext_factor: "float",
  },
  ...{
    yarn_attn_factor: "float",
    yarn_beta_fast: "float",
    yarn_beta_slow: "float",
    yarn_orig_ctx: "uint32_t",
  },
  ...{ defrag_thold: "float", cb_eval: P, cb_eval_user_data: P, type_k: "int32_t", type_v: "int32_t" },
  ...{ abort_callback: P, abort_callback_data: P, embeddings: "bool", offload_kqv: "bool", no_perf: "bool" },
  ...{
    op_offload: "bool",
    swa_full: "bool",
    kv_unified: "bool",
    samplers: P,
    n_samplers: "size_t",
    ctx_other: P,
  },
})
koffi.struct("llama_batch", {
  ...{ n_tokens: "int32_t", token: P, embd: P, pos: P, n_seq_id: P, seq_id: P, logits: P },
})

const call = {
  loadBackends: ggml.func("void ggml_backend_load_all_from_path(const char *dir)"),
  initialise: llama.func("void llama_backend_init(void)"),
  logTo: llama.func("void llama_log_set(void *callback, void *data)"),
  logBaseTo: base.func("void ggml_log_set(void *callback, void *data)"),
  modelDefaults: llama.func("llama_model_params llama_model_default_params(void)"),
  contextDefaults: llama.func("llama_context_params llama_context_default_params(void)"),
  load: llama.func("void *llama_model_load_from_file(const char *path, llama_model_params params)"),
  freeModel: llama.func("void llama_model_free(void *model)"),
  create: llama.func("void *llama_init_from_model(void *model, llama_context_params params)"),
  freeContext: llama.func("void llama_free(void *context)"),
  vocabulary: llama.func("void *llama_model_get_vocab(void *model)"),
  tokenCount: llama.func("int32_t llama_vocab_n_tokens(void *vocabulary)"),
  tokenize: llama.func(
    "int32_t llama_tokenize(void *v, const char *text, int32_t n, void *out, int32_t most, bool special, bool parse)",
  ),
  piece: llama.func(
    "int32_t llama_token_to_piece(void *v, int32_t token, void *out, int32_t n, int32_t l, bool s)",
  ),
  isEnd: llama.func("bool llama_vocab_is_eog(void *vocabulary, int32_t token)"),
  batch: llama.func("llama_batch llama_batch_get_one(void *tokens, int32_t count)"),
  decode: llama.func("int32_t llama_decode(void *context, llama_batch batch)"),
  logits: llama.func("void *llama_get_logits_ith(void *context, int32_t row)"),
  loadAdapter: llama.func("void *llama_adapter_lora_init(void *model, const char *path)"),
  useAdapters: llama.func(
    "int32_t llama_set_adapters_lora(void *c, void *adapters, size_t count, void *scales)",
  ),
  // A function without side effects: a log callback that does nothing.
  silence: llama.symbol("llama_max_parallel_sequences"),
}

call.logTo(call.silence, null)
call.logBaseTo(call.silence, null)
call.loadBackends(BINS)
call.initialise()

/** Loads, tokenises, decodes a prompt and one more token, turns every token into text. */
function run({ file, adapter, embeddings = false }: Job): NativeOutcome {
  const model = call.load(file, { ...call.modelDefaults(), n_gpu_layers: 0 })
  if (model === null) return "refused"
  const context = call.create(model, {
    ...call.contextDefaults(),
    ...{
      n_ctx: CONTEXT_TOKENS,
      n_batch: CONTEXT_TOKENS,
      n_ubatch: CONTEXT_TOKENS,
      n_threads: 1,
      n_threads_batch: 1,
    },
    ...{ no_perf: true, embeddings },
  })
  let outcome: NativeOutcome = "refused"
  if (context !== null) {
    if (adapter === undefined || useAdapter(model, context, adapter)) outcome = generate(model, context)
    call.freeContext(context)
  }
  call.freeModel(model)
  return outcome
}

function useAdapter(model: unknown, context: unknown, file: string): boolean {
  const adapter = call.loadAdapter(model, file)
  if (adapter === null) return false
  const adapters = new BigUint64Array([koffi.address(adapter)])
  return call.useAdapters(context, adapters, 1, new Float32Array([1])) === 0
}

function generate(model: unknown, context: unknown): NativeOutcome {
  const vocabulary = call.vocabulary(model)
  const count: number = call.tokenCount(vocabulary)
  const piece = Buffer.alloc(8_192)
  for (let token = 0; token < count; token++) {
    call.piece(vocabulary, token, piece, piece.length, 0, true)
    call.isEnd(vocabulary, token)
  }
  const tokens = new Int32Array(CONTEXT_TOKENS - 2)
  const bytes = Buffer.byteLength(TEXT)
  const length: number = call.tokenize(vocabulary, TEXT, bytes, tokens, tokens.length, true, true)
  if (length < 1) return "refused"
  if (call.decode(context, call.batch(tokens, length)) !== 0) return "refused"
  const logits = call.logits(context, -1)
  if (logits === null) return "ran"
  const values = new Float32Array(koffi.view(logits, count * 4))
  let best = 0
  for (let token = 1; token < count; token++) if ((values[token] ?? 0) > (values[best] ?? 0)) best = token
  return call.decode(context, call.batch(new Int32Array([best]), 1)) === 0 ? "ran" : "refused"
}

process.on("message", (job: Job) => {
  process.send?.({ outcome: run(job) })
})
process.send?.({ ready: true })

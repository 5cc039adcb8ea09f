// The C interface of llama.cpp v0.5.0 as data: five structs, the prototypes of every function in use, and the values that
// the defaults must have. `test/native/abi-headers.test.ts` compares all of it with the real headers.
import koffi, { type TypeObject } from "koffi"

declare const brand: unique symbol
/** An address from the library. Null is never inside: whoever gets one checks it. The brands keep them apart. */
export type Pointer<Name extends string> = bigint & { readonly [brand]: Name }

export type ModelPointer = Pointer<"model">
export type VocabularyPointer = Pointer<"vocabulary">
export type ContextPointer = Pointer<"context">
export type MemoryPointer = Pointer<"memory">
export type SamplerPointer = Pointer<"sampler">
export type AdapterPointer = Pointer<"adapter">
export type DevicePointer = Pointer<"device">
export type RegistryPointer = Pointer<"registry">
export type TensorPointer = Pointer<"tensor">
export type ThreadpoolPointer = Pointer<"threadpool">
/** The address of memory that JavaScript owns, or of a C function. */
export type Address = bigint

const P = "void *"

const MODEL_PARAMS = {
  devices: P,
  tensor_buft_overrides: P,
  n_gpu_layers: "int32_t",
  split_mode: "int32_t",
  load_mode: "int32_t",
  lazy_mode: "int32_t",
  main_gpu: "int32_t",
  tensor_split: P,
  progress_callback: P,
  progress_callback_user_data: P,
  kv_overrides: P,
  vocab_only: "bool",
  check_tensors: "bool",
  use_extra_bufts: "bool",
  no_host: "bool",
  no_alloc: "bool",
  load_mtp: "bool",
}

const CONTEXT_PARAMS = {
  n_ctx: "uint32_t",
  n_batch: "uint32_t",
  n_ubatch: "uint32_t",
  n_seq_max: "uint32_t",
  n_rs_seq: "uint32_t",
  n_outputs_max: "uint32_t",
  n_outputs_max_per_seq: "uint32_t",
  n_threads: "int32_t",
  n_threads_batch: "int32_t",
  ctx_type: "int32_t",
  rope_scaling_type: "int32_t",
  pooling_type: "int32_t",
  attention_type: "int32_t",
  flash_attn_type: "int32_t",
  rope_freq_base: "float",
  rope_freq_scale: "float",
  yarn_ext_factor: "float",
  yarn_attn_factor: "float",
  yarn_beta_fast: "float",
  yarn_beta_slow: "float",
  yarn_orig_ctx: "uint32_t",
  defrag_thold: "float",
  cb_eval: P,
  cb_eval_user_data: P,
  type_k: "int32_t",
  type_v: "int32_t",
  abort_callback: P,
  abort_callback_data: P,
  embeddings: "bool",
  offload_kqv: "bool",
  no_perf: "bool",
  op_offload: "bool",
  swa_full: "bool",
  kv_unified: "bool",
  samplers: P,
  n_samplers: "size_t",
  ctx_other: P,
}

const BATCH = {
  n_tokens: "int32_t",
  token: P,
  embd: P,
  pos: P,
  n_seq_id: P,
  seq_id: P,
  logits: P,
}

const THREADPOOL_CPUS = 512

/** The structs that are passed by value, by their C names. */
export const STRUCTS = {
  llama_model_params: MODEL_PARAMS,
  llama_context_params: CONTEXT_PARAMS,
  llama_batch: BATCH,
  llama_sampler_chain_params: { no_perf: "bool" },
  ggml_threadpool_params: {
    cpumask: `bool[${THREADPOOL_CPUS}]`,
    n_threads: "int",
    prio: "int",
    poll: "uint32_t",
    strict_cpu: "bool",
    paused: "bool",
  },
}

export type StructName = keyof typeof STRUCTS

/** Sizes by value, bytes. */
export const STRUCT_SIZES: Readonly<Record<StructName, number>> = {
  llama_model_params: 80,
  llama_context_params: 160,
  llama_batch: 56,
  llama_sampler_chain_params: 1,
  ggml_threadpool_params: 528,
}

export const LLAMA_VERSION = /^0\.5\.0/

/** Values of the `*_default_params` functions that a shifted layout cannot give by chance. */
export const SENTINELS = {
  llama_model_params: {
    n_gpu_layers: -1,
    split_mode: 1,
    load_mode: -1,
    lazy_mode: 1,
    main_gpu: 0,
    devices: null,
    kv_overrides: null,
    vocab_only: false,
    use_extra_bufts: true,
  },
  llama_context_params: {
    n_ctx: 512,
    n_batch: 2048,
    n_ubatch: 512,
    n_seq_max: 1,
    n_outputs_max_per_seq: 1,
    rope_scaling_type: -1,
    pooling_type: -1,
    attention_type: -1,
    flash_attn_type: -1,
    yarn_ext_factor: -1,
    defrag_thold: -1,
    cb_eval: null,
    type_k: 1,
    type_v: 1,
    embeddings: false,
    offload_kqv: true,
    no_perf: true,
    op_offload: true,
    swa_full: true,
    kv_unified: false,
    samplers: null,
    n_samplers: 0,
    ctx_other: null,
  },
  ggml_threadpool_params: { n_threads: 7, prio: 0, poll: 50, strict_cpu: false, paused: false },
} as const

export type ModelParams = Readonly<Record<keyof typeof MODEL_PARAMS, number | boolean | Address | null>>
export type ContextParams = Readonly<Record<keyof typeof CONTEXT_PARAMS, number | boolean | Address | null>>
export interface BatchStruct {
  n_tokens: number
  token: Address
  embd: null
  pos: Address
  n_seq_id: Address
  seq_id: Address
  logits: Address
}
export interface ThreadpoolParams {
  cpumask: boolean[]
  n_threads: number
  prio: number
  poll: number
  strict_cpu: boolean
  paused: boolean
}

/** Which library exports a function. */
export type LibraryName = "llama" | "ggml" | "ggml-base"

/** Prototypes by library, one a line, as in the headers but for pointers, which are all `void *`. */
const PROTOTYPES: Readonly<Record<LibraryName, string>> = {
  "ggml-base": `
const char *ggml_backend_reg_name(void *reg)
void *ggml_backend_reg_get_proc_address(void *reg, const char *name)
ggml_threadpool_params ggml_threadpool_params_default(int n_threads)
const char *ggml_get_name(void *tensor)
size_t ggml_nbytes(void *tensor)
void ggml_backend_tensor_get(void *tensor, void *data, size_t offset, size_t size)
const char *ggml_backend_dev_name(void *device)
const char *ggml_backend_dev_description(void *device)
void ggml_backend_dev_memory(void *device, void *free, void *total)
int ggml_backend_dev_type(void *device)
void *ggml_backend_dev_backend_reg(void *device)`,
  ggml: `
void ggml_backend_load_all_from_path(const char *dir_path)
void *ggml_backend_reg_by_name(const char *name)
size_t ggml_backend_dev_count(void)
void *ggml_backend_dev_get(size_t index)`,
  llama: `
const char *llama_version(void)
const char *llama_print_system_info(void)
void llama_backend_init(void)
void llama_log_set(void *log_callback, void *user_data)
llama_model_params llama_model_default_params(void)
llama_context_params llama_context_default_params(void)
llama_sampler_chain_params llama_sampler_chain_default_params(void)
size_t llama_max_parallel_sequences(void)
void *llama_model_load_from_file(const char *path_model, llama_model_params params)
void llama_model_free(void *model)
void *llama_model_get_vocab(void *model)
int32_t llama_model_n_ctx_train(void *model)
int32_t llama_model_n_embd(void *model)
int32_t llama_model_n_embd_out(void *model)
int32_t llama_model_n_swa(void *model)
uint64_t llama_model_size(void *model)
bool llama_model_has_encoder(void *model)
bool llama_model_has_decoder(void *model)
bool llama_model_is_recurrent(void *model)
bool llama_model_is_hybrid(void *model)
int32_t llama_model_meta_val_str(void *model, const char *key, void *buf, size_t buf_size)
const char *llama_model_chat_template(void *model, const char *name)
int32_t llama_vocab_n_tokens(void *vocab)
int llama_vocab_type(void *vocab)
bool llama_vocab_is_eog(void *vocab, int32_t token)
bool llama_vocab_is_control(void *vocab, int32_t token)
int32_t llama_vocab_bos(void *vocab)
int32_t llama_vocab_eos(void *vocab)
bool llama_vocab_get_add_bos(void *vocab)
int32_t llama_vocab_fim_pre(void *vocab)
int32_t llama_vocab_fim_suf(void *vocab)
int32_t llama_vocab_fim_mid(void *vocab)
int32_t llama_tokenize(void *vocab, void *text, int32_t text_len, void *tokens, int32_t n_tokens_max, bool add_special, bool parse_special)
int32_t llama_token_to_piece(void *vocab, int32_t token, void *buf, int32_t length, int32_t lstrip, bool special)
void *llama_init_from_model(void *model, llama_context_params params)
void llama_free(void *ctx)
uint32_t llama_n_ctx(void *ctx)
uint32_t llama_n_ctx_seq(void *ctx)
uint32_t llama_n_batch(void *ctx)
uint32_t llama_n_ubatch(void *ctx)
int llama_pooling_type(void *ctx)
void *llama_get_memory(void *ctx)
void llama_attach_threadpool(void *ctx, void *threadpool, void *threadpool_batch)
void llama_detach_threadpool(void *ctx)
void llama_set_n_threads(void *ctx, int32_t n_threads, int32_t n_threads_batch)
void llama_set_abort_callback(void *ctx, void *abort_callback, void *abort_callback_data)
void llama_synchronize(void *ctx)
int32_t llama_decode(void *ctx, llama_batch batch)
void *llama_get_logits_ith(void *ctx, int32_t i)
void *llama_get_embeddings_seq(void *ctx, int32_t seq_id)
void *llama_get_embeddings_ith(void *ctx, int32_t i)
void llama_memory_clear(void *mem, bool data)
bool llama_memory_seq_rm(void *mem, int32_t seq_id, int32_t p0, int32_t p1)
void llama_memory_seq_cp(void *mem, int32_t seq_id_src, int32_t seq_id_dst, int32_t p0, int32_t p1)
int32_t llama_memory_seq_pos_min(void *mem, int32_t seq_id)
int32_t llama_memory_seq_pos_max(void *mem, int32_t seq_id)
size_t llama_state_seq_get_size_ext(void *ctx, int32_t seq_id, uint32_t flags)
size_t llama_state_seq_get_data_ext(void *ctx, void *dst, size_t size, int32_t seq_id, uint32_t flags)
size_t llama_state_seq_set_data_ext(void *ctx, void *src, size_t size, int32_t dest_seq_id, uint32_t flags)
void *llama_sampler_chain_init(llama_sampler_chain_params params)
void llama_sampler_chain_add(void *chain, void *smpl)
int32_t llama_sampler_sample(void *smpl, void *ctx, int32_t idx)
void llama_sampler_accept(void *smpl, int32_t token)
void llama_sampler_apply(void *smpl, void *cur_p)
void llama_sampler_free(void *smpl)
void *llama_sampler_init_greedy(void)
void *llama_sampler_init_dist(uint32_t seed)
void *llama_sampler_init_top_k(int32_t k)
void *llama_sampler_init_top_p(float p, size_t min_keep)
void *llama_sampler_init_min_p(float p, size_t min_keep)
void *llama_sampler_init_typical(float p, size_t min_keep)
void *llama_sampler_init_temp_ext(float t, float delta, float exponent)
void *llama_sampler_init_xtc(float p, float t, size_t min_keep, uint32_t seed)
void *llama_sampler_init_top_n_sigma(float n)
void *llama_sampler_init_mirostat_v2(uint32_t seed, float tau, float eta)
void *llama_sampler_init_grammar(void *vocab, const char *grammar_str, const char *grammar_root)
void *llama_sampler_init_penalties(int32_t n_vocab, int32_t penalty_last_n, float penalty_repeat, float penalty_freq, float penalty_present)
void *llama_sampler_init_dry(void *vocab, float dry_multiplier, float dry_base, int32_t dry_allowed_length, int32_t dry_penalty_last_n, void *seq_breakers, size_t num_breakers)
void *llama_sampler_init_logit_bias(int32_t n_vocab, int32_t n_logit_bias, void *logit_bias)
void *llama_adapter_lora_init(void *model, const char *path_lora)
void llama_adapter_lora_free(void *adapter)
int32_t llama_set_adapters_lora(void *ctx, void *adapters, size_t n_adapters, void *scales)`,
}

export interface FunctionPrototype {
  readonly name: string
  readonly prototype: string
  readonly argumentCount: number
}

/** The functions in use, with the number of their arguments. */
export function functionsOf(library: LibraryName): readonly FunctionPrototype[] {
  return PROTOTYPES[library]
    .split("\n")
    .filter((line) => line !== "")
    .map((prototype) => {
      const match = /(\w+)\((.*)\)$/.exec(prototype)
      if (match?.[1] === undefined || match[2] === undefined)
        throw new Error(`not a C prototype: ${prototype}`)
      const argumentCount = match[2] === "void" ? 0 : match[2].split(",").length
      return { name: match[1], prototype, argumentCount }
    })
}

/** Makes koffi know the structs and callbacks. Their names are global in koffi: once for each process. */
export function defineTypes(): Readonly<
  Record<"logCallback" | "progressCallback" | "abortCallback" | "evalCallback", TypeObject>
> {
  for (const [name, fields] of Object.entries(STRUCTS)) koffi.struct(name, fields)
  return {
    logCallback: koffi.proto("void fireside_log(int level, const char *text, void *user_data)"),
    progressCallback: koffi.proto("bool fireside_progress(float progress, void *user_data)"),
    abortCallback: koffi.proto("bool fireside_abort(void *user_data)"),
    evalCallback: koffi.proto("bool fireside_eval(void *tensor, bool ask, void *user_data)"),
  }
}

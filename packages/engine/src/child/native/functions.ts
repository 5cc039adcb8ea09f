// The library's functions as TypeScript sees them. Data only: `abi.ts` has the C side, `library.ts` binds the two.
import type {
  AdapterPointer,
  Address,
  BatchStruct,
  ContextParams,
  ContextPointer,
  DevicePointer,
  MemoryPointer,
  ModelParams,
  ModelPointer,
  RegistryPointer,
  SamplerPointer,
  TensorPointer,
  ThreadpoolParams,
  ThreadpoolPointer,
  VocabularyPointer,
} from "./abi.ts"

type Buffers = Uint8Array | Int32Array | BigUint64Array | Float32Array

export interface LlamaFunctions {
  ggml_backend_reg_name(registry: RegistryPointer): string
  ggml_backend_reg_get_proc_address(registry: RegistryPointer, name: string): Address | null
  ggml_threadpool_params_default(threads: number): ThreadpoolParams
  ggml_get_name(tensor: TensorPointer): string
  ggml_nbytes(tensor: TensorPointer): number | bigint
  ggml_backend_tensor_get(tensor: TensorPointer, data: Float32Array, offset: number, size: number): void
  ggml_backend_dev_name(device: DevicePointer): string
  ggml_backend_dev_description(device: DevicePointer): string
  ggml_backend_dev_memory(device: DevicePointer, free: BigUint64Array, total: BigUint64Array): void
  ggml_backend_dev_type(device: DevicePointer): number
  ggml_backend_dev_backend_reg(device: DevicePointer): RegistryPointer
  ggml_backend_load_all_from_path(folder: string): void
  ggml_backend_reg_by_name(name: string): RegistryPointer | null
  ggml_backend_dev_count(): number
  ggml_backend_dev_get(index: number): DevicePointer
  llama_version(): string
  llama_print_system_info(): string
  llama_backend_init(): void
  llama_log_set(callback: Address | null, data: null): void
  llama_model_default_params(): ModelParams
  llama_context_default_params(): ContextParams
  llama_sampler_chain_default_params(): { no_perf: boolean }
  llama_max_parallel_sequences(): number
  llama_model_load_from_file(path: string, params: ModelParams): ModelPointer | null
  llama_model_free(model: ModelPointer): void
  llama_model_get_vocab(model: ModelPointer): VocabularyPointer
  llama_model_n_ctx_train(model: ModelPointer): number
  llama_model_n_embd(model: ModelPointer): number
  llama_model_n_embd_out(model: ModelPointer): number
  llama_model_n_swa(model: ModelPointer): number
  llama_model_size(model: ModelPointer): number | bigint
  llama_model_has_encoder(model: ModelPointer): boolean
  llama_model_has_decoder(model: ModelPointer): boolean
  llama_model_is_recurrent(model: ModelPointer): boolean
  llama_model_is_hybrid(model: ModelPointer): boolean
  llama_model_meta_val_str(model: ModelPointer, key: string, buffer: Uint8Array, size: number): number
  llama_model_chat_template(model: ModelPointer, name: null): string | null
  llama_vocab_n_tokens(vocabulary: VocabularyPointer): number
  llama_vocab_type(vocabulary: VocabularyPointer): number
  llama_vocab_is_eog(vocabulary: VocabularyPointer, token: number): boolean
  llama_vocab_is_control(vocabulary: VocabularyPointer, token: number): boolean
  llama_vocab_bos(vocabulary: VocabularyPointer): number
  llama_vocab_eos(vocabulary: VocabularyPointer): number
  llama_vocab_get_add_bos(vocabulary: VocabularyPointer): boolean
  llama_vocab_fim_pre(vocabulary: VocabularyPointer): number
  llama_vocab_fim_suf(vocabulary: VocabularyPointer): number
  llama_vocab_fim_mid(vocabulary: VocabularyPointer): number
  llama_tokenize(
    vocabulary: VocabularyPointer,
    text: Uint8Array,
    textLength: number,
    tokens: Int32Array,
    tokensMax: number,
    addSpecial: boolean,
    parseSpecial: boolean,
  ): number
  llama_token_to_piece(
    vocabulary: VocabularyPointer,
    token: number,
    buffer: Uint8Array,
    length: number,
    lstrip: number,
    special: boolean,
  ): number
  llama_init_from_model(model: ModelPointer, params: ContextParams): ContextPointer | null
  llama_free(context: ContextPointer): void
  llama_n_ctx(context: ContextPointer): number
  llama_n_ctx_seq(context: ContextPointer): number
  llama_n_batch(context: ContextPointer): number
  llama_n_ubatch(context: ContextPointer): number
  llama_pooling_type(context: ContextPointer): number
  llama_get_memory(context: ContextPointer): MemoryPointer | null
  llama_attach_threadpool(
    context: ContextPointer,
    pool: ThreadpoolPointer,
    batchPool: ThreadpoolPointer,
  ): void
  llama_detach_threadpool(context: ContextPointer): void
  llama_set_n_threads(context: ContextPointer, threads: number, batchThreads: number): void
  llama_set_abort_callback(context: ContextPointer, callback: Address | null, data: null): void
  llama_synchronize(context: ContextPointer): void
  llama_decode(context: ContextPointer, batch: BatchStruct): number
  llama_get_logits_ith(context: ContextPointer, row: number): Address | null
  llama_get_embeddings_seq(context: ContextPointer, sequence: number): Address | null
  llama_get_embeddings_ith(context: ContextPointer, row: number): Address | null
  llama_memory_clear(memory: MemoryPointer, data: boolean): void
  llama_memory_seq_rm(memory: MemoryPointer, sequence: number, from: number, to: number): boolean
  llama_memory_seq_cp(memory: MemoryPointer, source: number, target: number, from: number, to: number): void
  llama_memory_seq_pos_min(memory: MemoryPointer, sequence: number): number
  llama_memory_seq_pos_max(memory: MemoryPointer, sequence: number): number
  llama_state_seq_get_size_ext(context: ContextPointer, sequence: number, flags: number): number | bigint
  llama_state_seq_get_data_ext(
    context: ContextPointer,
    target: Uint8Array,
    size: number,
    sequence: number,
    flags: number,
  ): number | bigint
  llama_state_seq_set_data_ext(
    context: ContextPointer,
    source: Uint8Array,
    size: number,
    sequence: number,
    flags: number,
  ): number | bigint
  llama_sampler_chain_init(params: { no_perf: boolean }): SamplerPointer | null
  llama_sampler_chain_add(chain: SamplerPointer, sampler: SamplerPointer): void
  llama_sampler_sample(sampler: SamplerPointer, context: ContextPointer, row: number): number
  llama_sampler_accept(sampler: SamplerPointer, token: number): void
  llama_sampler_apply(sampler: SamplerPointer, candidates: Uint8Array): void
  llama_sampler_free(sampler: SamplerPointer): void
  llama_sampler_init_greedy(): SamplerPointer
  llama_sampler_init_dist(seed: number): SamplerPointer
  llama_sampler_init_top_k(k: number): SamplerPointer
  llama_sampler_init_top_p(p: number, minKeep: number): SamplerPointer
  llama_sampler_init_min_p(p: number, minKeep: number): SamplerPointer
  llama_sampler_init_typical(p: number, minKeep: number): SamplerPointer
  llama_sampler_init_temp_ext(temperature: number, delta: number, exponent: number): SamplerPointer
  llama_sampler_init_xtc(
    probability: number,
    threshold: number,
    minKeep: number,
    seed: number,
  ): SamplerPointer
  llama_sampler_init_top_n_sigma(n: number): SamplerPointer
  llama_sampler_init_mirostat_v2(seed: number, tau: number, eta: number): SamplerPointer
  llama_sampler_init_grammar(
    vocabulary: VocabularyPointer,
    grammar: string,
    root: string,
  ): SamplerPointer | null
  llama_sampler_init_penalties(
    vocabularySize: number,
    lastN: number,
    repeat: number,
    frequency: number,
    presence: number,
  ): SamplerPointer
  llama_sampler_init_dry(
    vocabulary: VocabularyPointer,
    multiplier: number,
    base: number,
    allowedLength: number,
    lastN: number,
    breakers: BigUint64Array,
    breakerCount: number,
  ): SamplerPointer
  llama_sampler_init_logit_bias(vocabularySize: number, count: number, biases: Uint8Array): SamplerPointer
  llama_adapter_lora_init(model: ModelPointer, path: string): AdapterPointer | null
  llama_adapter_lora_free(adapter: AdapterPointer): void
  llama_set_adapters_lora(context: ContextPointer, adapters: Buffers, count: number, scales: Buffers): number
}

// The memory and the compute graph of one use of a model, and the batch that goes through it. Rows are added, then decoded.

import { outputRowsOf } from "@fireside/fit"
import { AppError } from "@fireside/protocol"
import koffi from "koffi"
import type { BatchStruct, ContextPointer, MemoryPointer, TensorPointer } from "./abi.ts"
import type { AdapterSet } from "./adapters.ts"
import type { NativeLibrary, RegisteredCallback } from "./library.ts"
import { type NativeModel, viewFloats } from "./model.ts"
import { createStateMemory, type StateMemory } from "./state-memory.ts"
import type { ThreadPool } from "./threads.ts"

/** Above this the library aborts (LLAMA_MAX_SEQ). */
const SEQUENCES = 256
const KV_TYPES = { f16: 1, q8_0: 8, bf16: 30 } as const
const POOLING_MEAN = 1

export interface ContextOptions {
  /** Cells for each sequence, tokens. */
  readonly cellsPerSequence: number
  readonly sequences: number
  readonly batchRows: number
  readonly microBatchRows: number
  /** Rows of one batch whose logits may be asked for. Defaults to what so many sequences need. */
  readonly outputRows?: number
  readonly kvType: keyof typeof KV_TYPES
  readonly threads: number
  readonly pool: ThreadPool | null
  /** Where states are saved. Defaults to memory of its own. */
  readonly stateMemory?: StateMemory
  /** All sequences use the same cells, and a copy of one costs nothing. Defaults to false: each has its own, and reads no other's. */
  readonly sharesCells?: boolean
  /** With `sharesCells`: how many there are. Defaults to enough for each sequence. */
  readonly cells?: number
  /**
   * Asked before each node of the graph (`isAsked`) whether it is to be seen; those are shown when they are computed, and false ends the graph there.
   */
  readonly onNode?: (tensor: TensorPointer, isAsked: boolean) => boolean
  /** `mean` where the model names no pooling. Undefined: a context that generates. */
  readonly embeddings?: "as-model" | "mean"
}

export interface ContextShape {
  readonly sequences: number
  /** See `ContextOptions.sharesCells`. */
  readonly sharesCells: boolean
  /** Tokens that each sequence has room for; of no meaning where they share cells. */
  readonly cellsPerSequence: number
}

export type DecodeResult = "done" | "no-room" | "aborted" | "invalid" | "failed"

export interface NativeContext extends Disposable {
  readonly pointer: ContextPointer
  readonly rowCapacity: number
  readonly sequences: number
  /** More than these it will never have. */
  readonly mostSequences: number
  /** Tokens that each sequence has room for, where they do not share cells. */
  readonly cellsPerSequence: number
  /**
   * Makes room for so many sequences of so many tokens at least, or for as many as there is memory for; what they hold stays. Null: the shape
   * is fixed. Between batches only.
   */
  readonly reshape: ((shape: ContextShape) => void) | null
  /** Rows in the batch now. */
  readonly rows: number
  clear(): void
  /** Returns the row's index, by which its logits are asked for. */
  addRow(token: number, position: number, sequence: number, wantsOutput: boolean): number
  decode(): DecodeResult
  /** Logits of a row of the last batch; valid until the next decode. */
  logits(row: number): Float32Array
  /** The pooled vector of a sequence, copied. */
  embedding(sequence: number): Float32Array
  /** Removes the positions from `from` on (all of them: 0). False when only the whole sequence can go. */
  cut(sequence: number, from: number): boolean
  /** The smallest position held; −1 for an empty sequence. */
  firstPosition(sequence: number): number
  /** Everything that a sequence holds, as bytes that `restoreState` of a context of the same model and cache type takes. Null: it holds nothing. */
  saveState(sequence: number): Uint8Array | null
  /**
   * Replaces what a sequence holds. Only for bytes of `saveState` whose checksum was right: the library trusts them. False: they were not
   * taken, and the sequence is empty.
   */
  restoreState(sequence: number, state: Uint8Array): boolean
  /** Nobody reads a state of `saveState` any more, and its memory may be used for the next. */
  releaseState(state: Uint8Array): void
  /** Gives `to` what `from` holds without moving a byte. Null where the sequences do not share cells. */
  readonly share: ((from: number, to: number) => void) | null
  clearMemory(): void
  /** Computes with exactly these adapters from now on. */
  setAdapters(set: AdapterSet): void
  /** How many threads of the pool compute from now on. */
  setThreads(threads: number): void
  /** Asked often during a decode when `watch` is on; true ends it with `aborted`. */
  setAbort(listener: () => boolean): void
  watchAbort(on: boolean): void
  synchronize(): void
}

/** Throws `load-failed` when the library has no memory for it, or cannot make it. */
export function createContext(
  library: NativeLibrary,
  model: NativeModel,
  options: ContextOptions,
): NativeContext {
  const { functions } = library
  const { sequences, embeddings } = options
  // A text to embed needs what it needs and no more: sequences of one such batch always share the cells.
  const sharesCells = (options.sharesCells ?? false) || embeddings !== undefined
  if (sequences < 1 || sequences > SEQUENCES)
    throw new Error(`${sequences} sequences; 1 to ${SEQUENCES} are possible`)
  const watcher = options.onNode === undefined ? null : library.registerEval(options.onNode)
  const { result: pointer, errors } = library.collectErrors(() =>
    functions.llama_init_from_model(model.pointer, {
      ...functions.llama_context_default_params(),
      n_ctx: options.cells ?? options.cellsPerSequence * (embeddings === undefined ? sequences : 1),
      n_batch: options.batchRows,
      n_ubatch: options.microBatchRows,
      n_seq_max: sequences,
      // Room for each row's logits would cost vocabulary × rows × 4 bytes in the graph; few rows give some.
      n_outputs_max:
        embeddings === undefined
          ? (options.outputRows ?? outputRowsOf({ streams: sequences, batchRows: options.batchRows }))
          : 0,
      n_threads: options.threads,
      n_threads_batch: options.threads,
      type_k: KV_TYPES[options.kvType],
      type_v: KV_TYPES[options.kvType],
      embeddings: embeddings !== undefined,
      kv_unified: sharesCells,
      ...(embeddings === "mean" ? { pooling_type: POOLING_MEAN } : {}),
      ...(watcher === null ? {} : { cb_eval: watcher.address }),
      no_perf: true,
    }),
  )
  if (pointer === null) {
    watcher?.release()
    throw new AppError("load-failed", {
      message: `The native library could not make a context of ${options.cellsPerSequence} tokens × ${sequences}: ${errors.at(-1) ?? "it gives no reason"}`,
      hint: "Ask for a shorter context or fewer streams.",
      details: { log: errors },
    })
  }
  if (options.pool !== null)
    functions.llama_attach_threadpool(pointer, options.pool.pointer, options.pool.pointer)
  return wrap({ stateMemory: createStateMemory(), ...options, library, model, pointer, sharesCells, watcher })
}

interface Wrapped
  extends Pick<ContextOptions, "sequences" | "cellsPerSequence" | "threads" | "pool">,
    Required<Pick<ContextOptions, "sharesCells" | "stateMemory">> {
  readonly library: NativeLibrary
  readonly model: NativeModel
  readonly pointer: ContextPointer
  readonly watcher: RegisteredCallback | null
}

function wrap({
  library,
  model,
  pointer,
  sequences,
  cellsPerSequence,
  sharesCells,
  pool,
  threads: firstThreads,
  watcher,
  stateMemory,
}: Wrapped): NativeContext {
  const { functions } = library
  const memory = functions.llama_get_memory(pointer)
  const capacity = functions.llama_n_batch(pointer)
  let threads = firstThreads
  const batch = createBatch(capacity)
  let adapterKey = ""
  // A processor's decode has ended when it returns; to ask is a hundredth of a millisecond, on code that the decode has driven out of the caches.
  const waits = library.devices.some(({ kind }) => kind !== "cpu")
  // Rows whose logits may be asked for: asking for another aborts inside `llama_sampler_sample`.
  let decoded = false
  let abort: RegisteredCallback | null = null
  let watching = false
  const views = new Map<bigint, Float32Array>()
  const checkSequence = (sequence: number) => {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence >= sequences)
      throw new Error(`there is no sequence ${sequence}; the context has ${sequences}`)
  }
  const requireMemory = (): MemoryPointer => {
    if (memory === null) throw new Error("this model keeps no memory")
    return memory
  }
  return {
    pointer,
    rowCapacity: capacity,
    sequences,
    mostSequences: sequences,
    cellsPerSequence,
    reshape: null,
    get rows() {
      return batch.struct.n_tokens
    },
    clear: () => {
      batch.struct.n_tokens = 0
      decoded = false
    },
    addRow: (token, position, sequence, wantsOutput) => {
      checkSequence(sequence)
      if (batch.struct.n_tokens >= capacity) throw new Error(`a batch has room for ${capacity} rows`)
      if (token < 0 || token >= model.vocabularySize || position < 0)
        throw new Error(`token ${token} at position ${position} cannot be decoded`)
      const row = batch.struct.n_tokens
      batch.token[row] = token
      batch.position[row] = position
      batch.sequence[row] = sequence
      batch.wantsOutput[row] = wantsOutput ? 1 : 0
      batch.struct.n_tokens = row + 1
      return row
    },
    decode: () => {
      if (batch.struct.n_tokens === 0) throw new Error("an empty batch cannot be decoded")
      const code = functions.llama_decode(pointer, batch.struct)
      decoded = code === 0
      return resultOf(code)
    },
    logits: (row) => {
      if (!decoded || batch.wantsOutput[row] !== 1) throw new Error(`row ${row} has no logits`)
      const address = functions.llama_get_logits_ith(pointer, row)
      if (address === null) throw new Error(`row ${row} has no logits`)
      let view = views.get(address)
      if (view === undefined) {
        view = viewFloats(address, model.vocabularySize)
        views.set(address, view)
      }
      return view
    },
    embedding: (sequence) => {
      checkSequence(sequence)
      const address = decoded ? functions.llama_get_embeddings_seq(pointer, sequence) : null
      if (address === null) throw new Error(`sequence ${sequence} has no embedding`)
      let view = views.get(address)
      if (view === undefined) {
        view = viewFloats(address, model.embeddingLength)
        views.set(address, view)
      }
      return view.slice()
    },
    cut: (sequence, from) => {
      checkSequence(sequence)
      return functions.llama_memory_seq_rm(requireMemory(), sequence, from === 0 ? -1 : from, -1)
    },
    firstPosition: (sequence) => {
      checkSequence(sequence)
      return functions.llama_memory_seq_pos_min(requireMemory(), sequence)
    },
    saveState: (sequence) => {
      checkSequence(sequence)
      if (functions.llama_memory_seq_pos_max(requireMemory(), sequence) < 0) return null
      const size = Number(functions.llama_state_seq_get_size_ext(pointer, sequence, 0))
      const state = stateMemory.take(size)
      const written = Number(functions.llama_state_seq_get_data_ext(pointer, state, size, sequence, 0))
      return written === size && size > 0 ? state : null
    },
    restoreState: (sequence, state) => {
      checkSequence(sequence)
      functions.llama_memory_seq_rm(requireMemory(), sequence, -1, -1)
      const read = Number(
        functions.llama_state_seq_set_data_ext(pointer, state, state.byteLength, sequence, 0),
      )
      if (read === state.byteLength) return true
      functions.llama_memory_seq_rm(requireMemory(), sequence, -1, -1)
      return false
    },
    releaseState: (state) => stateMemory.give(state),
    share: sharesCells
      ? (from, to) => {
          checkSequence(from)
          checkSequence(to)
          functions.llama_memory_seq_rm(requireMemory(), to, -1, -1)
          functions.llama_memory_seq_cp(requireMemory(), from, to, -1, -1)
        }
      : null,
    clearMemory: () => {
      if (memory !== null) functions.llama_memory_clear(memory, false)
    },
    setAdapters: (set) => {
      if (set.key === adapterKey) return
      // An empty array has no address to give: one unused element stands in for it.
      const pointers = BigUint64Array.from(set.pointers.length === 0 ? [0n] : set.pointers)
      const scales = Float32Array.from(set.scales.length === 0 ? [0] : set.scales)
      const code = functions.llama_set_adapters_lora(pointer, pointers, set.pointers.length, scales)
      if (code !== 0) throw new Error(`llama_set_adapters_lora returned ${code}`)
      adapterKey = set.key
    },
    setThreads: (count) => {
      if (count === threads) return
      threads = count
      functions.llama_set_n_threads(pointer, count, count)
      pool?.pinCaller(count === pool.threads)
    },
    setAbort: (listener) => {
      abort?.release()
      abort = library.registerAbort(listener)
      watching = false
    },
    watchAbort: (on) => {
      if (on === watching || abort === null) return
      watching = on
      functions.llama_set_abort_callback(pointer, on ? abort.address : null, null)
    },
    synchronize: () => {
      if (waits) functions.llama_synchronize(pointer)
    },
    [Symbol.dispose]: () => {
      views.clear()
      functions.llama_detach_threadpool(pointer)
      functions.llama_free(pointer)
      abort?.release()
      watcher?.release()
    },
  }
}

/** Arrays that JavaScript owns and the library reads; V8 never moves their memory. */
function createBatch(capacity: number) {
  const token = new Int32Array(capacity)
  const position = new Int32Array(capacity)
  const sequenceCount = new Int32Array(capacity).fill(1)
  const sequence = new Int32Array(capacity)
  const sequencePointers = new BigUint64Array(capacity)
  const wantsOutput = new Int8Array(capacity)
  const sequenceAddress = koffi.address(sequence)
  for (let row = 0; row < capacity; row++) sequencePointers[row] = sequenceAddress + BigInt(row * 4)
  const struct: BatchStruct = {
    n_tokens: 0,
    token: koffi.address(token),
    embd: null,
    pos: koffi.address(position),
    n_seq_id: koffi.address(sequenceCount),
    seq_id: koffi.address(sequencePointers),
    logits: koffi.address(wantsOutput),
  }
  // `sequenceCount` and `sequencePointers` are only read by the library; they are returned to keep them alive.
  return { struct, token, position, sequence, wantsOutput, sequenceCount, sequencePointers }
}

function resultOf(code: number): DecodeResult {
  if (code === 0) return "done"
  if (code === 1) return "no-room"
  if (code === 2) return "aborted"
  return code === -1 ? "invalid" : "failed"
}

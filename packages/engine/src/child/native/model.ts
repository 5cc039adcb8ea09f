// A loaded model and its vocabulary. Every call checks its arguments first, because the library aborts or reads past the end.

import { AppError } from "@fireside/protocol"
import koffi from "koffi"
import type { ModelPointer, VocabularyPointer } from "./abi.ts"
import type { NativeLibrary } from "./library.ts"
import { remembered } from "./remembered.ts"

const LOAD_WITHOUT_MMAP = 0
const LOAD_WITH_MMAP = 1
const VOCABULARY_SPM = 1
const PIECE_BYTES = 8_192
/** Tokens whose text is kept: those of an answer and its prompt, nearly always. Half a megabyte. */
const MOST_REMEMBERED = 4_096
const INT32_MIN = -(2 ** 31)

export interface ModelLoadOptions {
  readonly path: string
  readonly useMmap: boolean
  /** Layers to put on a GPU; −1 is all. */
  readonly gpuLayers: number
  /** Called on this thread while loading, 0…1. */
  readonly onProgress?: (progress: number) => void
}

export interface SpecialTokens {
  /** −1: the vocabulary has none. */
  readonly bos: number
  readonly eos: number
  readonly infillPrefix: number
  readonly infillSuffix: number
  readonly infillMiddle: number
}

export interface NativeModel extends Disposable {
  readonly pointer: ModelPointer
  readonly vocabulary: VocabularyPointer
  readonly vocabularySize: number
  readonly embeddingLength: number
  readonly trainedContextLength: number
  readonly sizeBytes: number
  /** Tokens that a sliding-window layer looks back; 0: none slides. */
  readonly slidingWindow: number
  /** Its memory cannot be cut, only dropped whole. */
  readonly isRecurrent: boolean
  readonly canGenerate: boolean
  readonly chatTemplate: string | null
  readonly tokens: SpecialTokens
  readonly addsBos: boolean
  /** The tokeniser puts a space before each piece of plain text. */
  readonly addsSpacePrefix: boolean
  readonly hasPooling: boolean
  /** Token ids of `text`. `addSpecial`: with the tokens that the model wants at its ends; `parseSpecial`: control tokens are recognised. */
  tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): readonly number[]
  /** Bytes of a token, for reading only; those of control tokens only with `special`. */
  piece(token: number, special: boolean): Uint8Array
  isEndOfGeneration(token: number): boolean
  isControl(token: number): boolean
}

/** Throws `load-failed` with what the library says. */
export function loadModel(library: NativeLibrary, options: ModelLoadOptions): NativeModel {
  const { functions } = library
  const { onProgress } = options
  const progress =
    onProgress &&
    library.registerProgress((value) => {
      onProgress(value)
      return true
    })
  const { result: pointer, errors } = library.collectErrors(() =>
    functions.llama_model_load_from_file(options.path, {
      ...functions.llama_model_default_params(),
      n_gpu_layers: options.gpuLayers,
      load_mode: options.useMmap ? LOAD_WITH_MMAP : LOAD_WITHOUT_MMAP,
      progress_callback: progress?.address ?? null,
    }),
  )
  progress?.release()
  if (pointer === null)
    throw new AppError("load-failed", {
      message: `The native library refused to load the model: ${errors.at(-1) ?? "it gives no reason"}`,
      hint: "`fireside verify` checks the file; a file of a newer architecture needs a newer version.",
      details: { log: errors },
    })
  return describe(library, pointer)
}

function describe(library: NativeLibrary, pointer: ModelPointer): NativeModel {
  const { functions } = library
  const vocabulary = functions.llama_model_get_vocab(pointer)
  const vocabularySize = functions.llama_vocab_n_tokens(vocabulary)
  const isSpm = functions.llama_vocab_type(vocabulary) === VOCABULARY_SPM
  const architecture = readMetadata(library, pointer, "general.architecture") ?? ""
  const checkToken = (token: number) => {
    if (Number.isInteger(token) && token >= 0 && token < vocabularySize) return
    throw new AppError("bad-request", {
      message: `There is no token ${token}; the vocabulary has ${vocabularySize} tokens.`,
    })
  }
  const pieceBuffer = new Uint8Array(PIECE_BYTES)
  const pieces = (special: boolean) =>
    remembered(
      (token): Uint8Array => {
        checkToken(token)
        const length = functions.llama_token_to_piece(vocabulary, token, pieceBuffer, PIECE_BYTES, 0, special)
        if (length < 0) throw new Error(`token ${token} has ${-length} bytes`)
        return pieceBuffer.slice(0, length)
      },
      { most: MOST_REMEMBERED },
    )
  const shownPiece = pieces(false)
  const wholePiece = pieces(true)
  return {
    pointer,
    vocabulary,
    vocabularySize,
    embeddingLength: functions.llama_model_n_embd_out(pointer),
    trainedContextLength: functions.llama_model_n_ctx_train(pointer),
    sizeBytes: Number(functions.llama_model_size(pointer)),
    slidingWindow: functions.llama_model_n_swa(pointer),
    isRecurrent: functions.llama_model_is_recurrent(pointer) || functions.llama_model_is_hybrid(pointer),
    canGenerate: functions.llama_model_has_decoder(pointer) && !isEncoder(architecture),
    chatTemplate: functions.llama_model_chat_template(pointer, null),
    tokens: {
      bos: functions.llama_vocab_bos(vocabulary),
      eos: functions.llama_vocab_eos(vocabulary),
      infillPrefix: functions.llama_vocab_fim_pre(vocabulary),
      infillSuffix: functions.llama_vocab_fim_suf(vocabulary),
      infillMiddle: functions.llama_vocab_fim_mid(vocabulary),
    },
    addsBos: functions.llama_vocab_get_add_bos(vocabulary),
    addsSpacePrefix: isSpm && readMetadata(library, pointer, "tokenizer.ggml.add_space_prefix") !== "false",
    hasPooling: Number(readMetadata(library, pointer, `${architecture}.pooling_type`) ?? 0) > 0,
    tokenize: (text, { addSpecial, parseSpecial }) => {
      const bytes = Buffer.from(text)
      // No token is made of less than one byte, but the tokeniser may add one at each end.
      const tokens = new Int32Array(bytes.length + 4)
      const count = functions.llama_tokenize(
        vocabulary,
        bytes.length === 0 ? new Uint8Array(1) : bytes,
        bytes.length,
        tokens,
        tokens.length,
        addSpecial,
        parseSpecial,
      )
      if (count < 0)
        throw new Error(
          `the tokeniser wants ${count === INT32_MIN ? "too many" : -count} tokens for ${bytes.length} bytes`,
        )
      return Array.from(tokens.subarray(0, count))
    },
    piece: (token, special) => (special ? wholePiece(token) : shownPiece(token)),
    isEndOfGeneration: remembered(
      (token) => {
        checkToken(token)
        return functions.llama_vocab_is_eog(vocabulary, token)
      },
      { most: MOST_REMEMBERED },
    ),
    isControl: (token) => {
      checkToken(token)
      return functions.llama_vocab_is_control(vocabulary, token)
    },
    [Symbol.dispose]: () => functions.llama_model_free(pointer),
  }
}

/** These have a "decoder" in the library's sense but give no next token. */
function isEncoder(architecture: string): boolean {
  return /bert|^t5encoder$/.test(architecture)
}

function readMetadata(library: NativeLibrary, model: ModelPointer, key: string): string | null {
  const buffer = new Uint8Array(256)
  const length = library.functions.llama_model_meta_val_str(model, key, buffer, buffer.length)
  return length < 0 ? null : Buffer.from(buffer.subarray(0, Math.min(length, buffer.length - 1))).toString()
}

/** A view on memory of the library. Make one for each address and keep it: each call leaks about 0.3 KB. */
export function viewFloats(address: bigint, length: number): Float32Array {
  return new Float32Array(koffi.view(address, length * 4))
}

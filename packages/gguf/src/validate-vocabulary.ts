// The rules of the token tables. A wrong one crashes native code while it tokenises, long after loading, so nothing
// here is left to llama.cpp.

import { type GgufArray, GgufError, type GgufHeader, type GgufLimits } from "./gguf-file.ts"
import {
  inRange,
  keyError,
  missingKey,
  offsetOf,
  optionalArray,
  optionalBool,
  optionalString,
  optionalUint32,
  requireString,
} from "./metadata.ts"

type Metadata = GgufHeader["metadata"]

const TOKENS = "tokenizer.ggml.tokens"
const TYPES = "tokenizer.ggml.token_type"
const SCORES = "tokenizer.ggml.scores"
const MERGES = "tokenizer.ggml.merges"
const CHARSMAP = "tokenizer.ggml.precompiled_charsmap"

/** `tokenizer.ggml.model`: byte-level pairs, SentencePiece, WordPiece, unigram; and which ids it has without a key. */
const TOKENIZERS: Readonly<
  Record<string, { readonly kind: Kind; readonly bos: number; readonly eos: number }>
> = {
  gpt2: { kind: "pairs", bos: 11, eos: 11 },
  gemma4: { kind: "pairs", bos: -1, eos: -1 },
  llama: { kind: "pieces", bos: 1, eos: 2 },
  bert: { kind: "words", bos: 101, eos: -1 },
  t5: { kind: "unigrams", bos: -1, eos: 1 },
}
type Kind = "pairs" | "pieces" | "words" | "unigrams"

/** Token types of the file: 1 normal … 6 byte; llama.cpp takes other numbers for "undefined". */
const BYTE_TYPE = 6
const LAST_TYPE = 6

const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/

/** "No such token" of some converters; llama.cpp then uses the default. */
const NO_TOKEN = 0xffffffff

/** llama.cpp's ids of WordPiece vocabularies that do not say otherwise. */
const WORDPIECE_SEPARATOR = 102
const WORDPIECE_UNKNOWN = 100

const SPECIAL_IDS = [
  "bos",
  "eos",
  "eot",
  "eom",
  "unknown",
  "seperator",
  "padding",
  "cls",
  "mask",
  "fim_pre",
  "fim_suf",
  "fim_mid",
  "fim_pad",
  "fim_rep",
  "fim_sep",
  "prefix",
  "suffix",
  "middle",
]

/**
 * Checks the vocabulary and the chat templates.
 *
 * @returns how many tokens there are.
 * @throws GgufError with the broken rule.
 */
export function validateVocabulary(metadata: Metadata, limits: GgufLimits): number {
  const model = requireString(metadata, "tokenizer.ggml.model")
  const tokenizer = TOKENIZERS[model]
  if (tokenizer === undefined || !Object.hasOwn(TOKENIZERS, model)) {
    throw keyError(
      metadata,
      "tokenizer.ggml.model",
      "unknown-tokenizer",
      `the tokeniser "${model}" is unknown`,
    )
  }
  optionalString(metadata, "tokenizer.ggml.pre")
  const tokens = optionalArray(metadata, TOKENS, ["string"], "token-table-type")
  if (tokens === undefined) throw missingKey(TOKENS)
  inRange(metadata, TOKENS, tokens.count, { least: 1, most: limits.vocabularySize, rule: "vocabulary-size" })
  checkLength(metadata, TOKENS, tokens, limits.tokenBytes)
  checkTable(metadata, SCORES, ["float32", "int32"], tokens.count)
  const types = checkTable(metadata, TYPES, ["int32"], tokens.count)
  checkTypes(metadata, tokens, types)
  const known = checkDuplicates(metadata, tokens)
  if (tokenizer.kind === "pieces" || tokenizer.kind === "unigrams") checkBytes(metadata, known)
  if (tokenizer.kind === "pairs") checkMerges(metadata, limits)
  if (tokenizer.kind === "unigrams") checkCharsmap(metadata)
  checkSpecialTokens(metadata, tokens.count, tokenizer)
  checkTemplates(metadata, limits.chatTemplateBytes)
  return tokens.count
}

/** The longest item was measured while reading, so the items are only looked at to name the one that is too long. */
function checkLength(metadata: Metadata, key: string, table: GgufArray, limit: number): void {
  if ((table.longestBytes ?? 0) <= limit) return
  const claim = `an item of ${key} has ${table.longestBytes} bytes; the limit is ${limit}`
  throw keyError(metadata, key, "token-length", claim)
}

function checkTable(
  metadata: Metadata,
  key: string,
  itemTypes: readonly GgufArray["itemType"][],
  count: number,
): GgufArray | undefined {
  const table = optionalArray(metadata, key, itemTypes, "token-table-type")
  if (table !== undefined && table.count !== count) {
    throw keyError(metadata, key, "token-table-length", `${key} has ${table.count} items for ${count} tokens`)
  }
  return table
}

function checkTypes(metadata: Metadata, tokens: GgufArray, types: GgufArray | undefined): void {
  if (types === undefined) return
  const values = types.items
  for (let id = 0; id < values.length; id++) {
    const type = Number(values[id])
    if (type < 0 || type > LAST_TYPE) {
      const offset = offsetOf(metadata, TYPES) + id * 4
      throw new GgufError("token-type", offset, `token ${id} has the unknown type ${type}`)
    }
    // Native code takes two hexadecimal digits from the third character on, whatever is there.
    if (type === BYTE_TYPE && !BYTE_TOKEN.test(String(tokens.items[id]))) {
      const text = JSON.stringify(String(tokens.items[id]).slice(0, 20))
      throw keyError(
        metadata,
        TOKENS,
        "byte-token",
        `token ${id}, ${text}, is a byte token, but not of the form <0x0A>`,
      )
    }
  }
}

/** llama.cpp asserts that no text appears twice, counts to the first NUL, and gives empty tokens a text of its own. */
function checkDuplicates(metadata: Metadata, tokens: GgufArray): ReadonlySet<unknown> {
  const texts = Array.prototype.slice.call(tokens.items) as unknown[]
  const known = new Set(texts)
  if (known.size === texts.length && !known.has("") && !texts.join("").includes("\0")) return known
  known.clear()
  for (const [id, text] of texts.entries()) {
    const seen = String(text).split("\0", 1)[0] || `[EMPTY_${id}]`
    if (known.has(seen)) {
      const shown = JSON.stringify(seen.slice(0, 40))
      throw keyError(
        metadata,
        TOKENS,
        "duplicate-token",
        `token ${id}, ${shown}, has the text of another token`,
      )
    }
    known.add(seen)
  }
  return known
}

/** Text outside the vocabulary is tokenised byte by byte; a byte without a token ends the process. */
function checkBytes(metadata: Metadata, known: ReadonlySet<unknown>): void {
  for (let byte = 0; byte < 256; byte++) {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`
    const alone = byte > 0 && byte < 128 && known.has(String.fromCharCode(byte))
    if (!known.has(token) && !alone) {
      throw keyError(
        metadata,
        TOKENS,
        "byte-token-missing",
        `the vocabulary has no token for the byte ${token}`,
      )
    }
  }
}

function checkMerges(metadata: Metadata, limits: GgufLimits): void {
  const merges = optionalArray(metadata, MERGES, ["string"], "token-table-type")
  if (merges === undefined) {
    throw new GgufError(
      "merges-missing",
      offsetOf(metadata, TOKENS),
      `the vocabulary lacks its merges (${MERGES})`,
    )
  }
  inRange(metadata, MERGES, merges.count, {
    least: 0,
    most: limits.vocabularySize * 2,
    rule: "vocabulary-size",
  })
  checkLength(metadata, MERGES, merges, limits.mergeBytes)
}

/** A table of byte offsets with its own length in front; native code trusts the length after these two checks only. */
function checkCharsmap(metadata: Metadata): void {
  const map = optionalArray(metadata, CHARSMAP, ["uint8", "int8"], "token-table-type")
  if (map === undefined) return
  const bytes = Uint8Array.from(Array.from(map.items, Number))
  const size = bytes.length < 4 ? -1 : new DataView(bytes.buffer).getUint32(0, true)
  if (size < 0 || size % 4 !== 0 || size + 4 >= bytes.length || bytes.at(-1) !== 0) {
    throw keyError(metadata, CHARSMAP, "charsmap", `${CHARSMAP} does not hold the table that it claims`)
  }
}

function checkSpecialTokens(
  metadata: Metadata,
  count: number,
  { kind, ...defaults }: { readonly kind: Kind; readonly bos: number; readonly eos: number },
): void {
  const ids = new Map<string, number>()
  for (const name of SPECIAL_IDS) {
    const key = `tokenizer.ggml.${name}_token_id`
    const id = optionalUint32(metadata, key)
    if (id === undefined || id === NO_TOKEN) continue
    if (id >= count) {
      throw keyError(metadata, key, "special-token", `${key} is ${id}, but there are only ${count} tokens`)
    }
    ids.set(name, id)
  }
  const has = (name: string, otherwise: number) => ids.has(name) || (otherwise >= 0 && otherwise < count)
  const adds = (name: string, otherwise: boolean) =>
    optionalBool(metadata, `tokenizer.ggml.add_${name}_token`) ?? otherwise
  // Adding a token that does not exist is an assertion. These two kinds of pairs have no first token by default.
  const pre = optionalString(metadata, "tokenizer.ggml.pre") ?? ""
  const bos = pre === "glm4" || pre === "chatglm-bpe" ? -1 : defaults.bos
  const addsBos =
    adds("bos", kind === "pieces" || pre === "tekken" || pre === "chameleon") || kind === "words"
  if (addsBos && !has("bos", bos)) {
    throw keyError(
      metadata,
      "tokenizer.ggml.add_bos_token",
      "special-token",
      "there is no token to begin texts with",
    )
  }
  if (adds("eos", kind === "unigrams") && !has("eos", defaults.eos)) {
    throw keyError(
      metadata,
      "tokenizer.ggml.add_eos_token",
      "special-token",
      "there is no token to end texts with",
    )
  }
  adds("sep", false)
  if (kind === "words" && !(has("seperator", WORDPIECE_SEPARATOR) && has("unknown", WORDPIECE_UNKNOWN))) {
    throw keyError(
      metadata,
      "tokenizer.ggml.model",
      "special-token",
      "the separator or the unknown token is missing",
    )
  }
  const suppressed = optionalArray(metadata, "tokenizer.ggml.suppress_tokens", ["int32", "uint32"])
  for (const id of Array.from(suppressed?.items ?? [], Number)) {
    if (id < 0 || id >= count) {
      throw keyError(
        metadata,
        "tokenizer.ggml.suppress_tokens",
        "special-token",
        `there is no token ${id} to suppress`,
      )
    }
  }
}

/** No template loops so often by a number written in it; those that loop endlessly by other means meet the engine's. */
const MOST_REPETITIONS = 100_000

/** The template is run by the engine, under limits of steps and time; here its size and the plainest trap are refused. */
function checkTemplates(metadata: Metadata, limit: number): void {
  for (const key of metadata.keys()) {
    if (key !== "tokenizer.chat_template" && !key.startsWith("tokenizer.chat_template.")) continue
    const text = optionalString(metadata, key) ?? ""
    const bytes = text.length * 3 <= limit ? 0 : new TextEncoder().encode(text).length
    if (bytes > limit) {
      throw keyError(metadata, key, "chat-template-size", `${key} has ${bytes} bytes; the limit is ${limit}`)
    }
    for (const [, bounds = ""] of text.matchAll(/\brange\s*\(([^()]{0,200})\)/g)) {
      const largest = Math.max(
        ...(bounds.match(/\d[\d_]*/g) ?? []).map((digits) => Number(digits.replaceAll("_", ""))),
      )
      if (largest > MOST_REPETITIONS) {
        throw keyError(metadata, key, "chat-template-loop", `${key} repeats something ${largest} times`)
      }
    }
  }
}

// Small but whole vocabularies: every text can be tokenised, common words become one token, and the control tokens of
// ChatML, of Gemma and, when wanted, of fill-in-the-middle are there.

import type { WritableEntry } from "../encode-header.ts"

export interface TinyVocabulary {
  /** Token id → text, as the file holds it. */
  readonly tokens: readonly string[]
  readonly metadata: readonly (readonly [string, WritableEntry])[]
}

const NORMAL = 1
const UNKNOWN = 2
const CONTROL = 3
const BYTE = 6

const CHAT_TOKENS = ["<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>"]
const FILL_TOKENS = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]

const WORDS = [
  " the",
  " of",
  " and",
  " to",
  " in",
  " is",
  " a",
  " sky",
  " blue",
  " capital",
  " France",
  " Paris",
  "The",
  "user",
  "system",
  "assistant",
  "Hello",
  " world",
  "ing",
  "er",
  "on",
  "true",
  "false",
  "null",
]

/** Byte-level pairs as GPT-2 has them: 256 byte symbols, merges, `<|endoftext|>`. */
export function tinyPairs({
  fillInTheMiddle,
  pre,
}: {
  fillInTheMiddle: boolean
  pre: string
}): TinyVocabulary {
  const symbols = byteSymbols()
  const merges: string[] = []
  const known = new Set(symbols)
  for (const word of WORDS) {
    // Left to right: each longer beginning of the word is made of a shorter one and the next symbol.
    const letters = Array.from(new TextEncoder().encode(word), (byte) => symbols[byte] ?? "")
    let piece = letters[0] ?? ""
    for (const letter of letters.slice(1)) {
      if (!known.has(piece + letter)) {
        merges.push(`${piece} ${letter}`)
        known.add(piece + letter)
      }
      piece += letter
    }
  }
  const control = ["<|endoftext|>", ...CHAT_TOKENS, ...(fillInTheMiddle ? FILL_TOKENS : [])]
  const tokens = [...known, ...control]
  const types = tokens.map((_, id) => (id < known.size ? NORMAL : CONTROL))
  return {
    tokens,
    metadata: [
      ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
      ["tokenizer.ggml.pre", { type: "string", value: pre }],
      ...tables(tokens, types),
      ["tokenizer.ggml.merges", { type: "array", value: { itemType: "string", items: merges } }],
      ...ids(tokens, { bos: "<|endoftext|>", eos: "<|im_end|>", padding: "<|endoftext|>" }),
      ...(fillInTheMiddle ? fillIds(tokens) : []),
      ["tokenizer.ggml.add_bos_token", { type: "bool", value: false }],
    ],
  }
}

/** SentencePiece as Llama 2 and Gemma have it: `▁` for a space, byte tokens, scores. */
export function tinyPieces({ fillInTheMiddle }: { fillInTheMiddle: boolean }): TinyVocabulary {
  const control = ["<s>", "</s>", ...CHAT_TOKENS, ...(fillInTheMiddle ? FILL_TOKENS : [])]
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  )
  const pieces = new Set<string>()
  for (const word of WORDS) {
    const letters = [...word.replaceAll(" ", "▁")]
    for (let length = 2; length <= letters.length; length++) pieces.add(letters.slice(0, length).join(""))
  }
  pieces.add("▁")
  for (let code = 33; code < 127; code++) pieces.add(String.fromCharCode(code))
  const tokens = ["<unk>", ...control, ...bytes, ...pieces]
  const firstByte = 1 + control.length
  const types = tokens.map((_, id) => {
    if (id === 0) return UNKNOWN
    if (id < firstByte) return CONTROL
    return id < firstByte + bytes.length ? BYTE : NORMAL
  })
  const scores = tokens.map((_, id) =>
    id < firstByte + bytes.length ? 0 : firstByte + bytes.length - id - 1,
  )
  return {
    tokens,
    metadata: [
      ["tokenizer.ggml.model", { type: "string", value: "llama" }],
      ["tokenizer.ggml.pre", { type: "string", value: "default" }],
      ...tables(tokens, types),
      ["tokenizer.ggml.scores", { type: "array", value: { itemType: "float32", items: scores } }],
      ...ids(tokens, { bos: "<s>", eos: "</s>", unknown: "<unk>" }),
      ...(fillInTheMiddle ? fillIds(tokens) : []),
      ["tokenizer.ggml.add_bos_token", { type: "bool", value: true }],
      ["tokenizer.ggml.add_eos_token", { type: "bool", value: false }],
      ["tokenizer.ggml.add_space_prefix", { type: "bool", value: false }],
    ],
  }
}

type Entries = (readonly [string, WritableEntry])[]

function tables(tokens: readonly string[], types: readonly number[]): Entries {
  return [
    ["tokenizer.ggml.tokens", { type: "array", value: { itemType: "string", items: tokens } }],
    ["tokenizer.ggml.token_type", { type: "array", value: { itemType: "int32", items: types } }],
  ]
}

function ids(tokens: readonly string[], named: Readonly<Record<string, string>>): Entries {
  return Object.entries(named).map(([name, text]) => [
    `tokenizer.ggml.${name}_token_id`,
    { type: "uint32", value: tokens.indexOf(text) },
  ])
}

function fillIds(tokens: readonly string[]): Entries {
  const [fim_pre = "", fim_suf = "", fim_mid = ""] = FILL_TOKENS
  return ids(tokens, { fim_pre, fim_suf, fim_mid })
}

/** GPT-2's printable stand-in for each byte: itself where printable, else the next code point from 256 on. */
export function byteSymbols(): readonly string[] {
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    return String.fromCodePoint(printable ? byte : next++)
  })
}

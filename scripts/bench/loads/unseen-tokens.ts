// Tokens of a model's vocabulary that show nothing by themselves: control tokens, parts of characters, white space.
import { isUtf8 } from "node:buffer"
import type { GgufHeader } from "../../../packages/gguf/src/index.ts"
import { byteSymbols } from "../../../packages/gguf/src/testing.ts"

/** llama_token_attr of ordinary text, in `tokenizer.ggml.token_type`. */
const NORMAL = 1

/** Their ids. Only for vocabularies of bytes (`gpt2`); throws for others. */
export function unseenTokens({ metadata }: Pick<GgufHeader, "metadata">): readonly number[] {
  if (metadata.get("tokenizer.ggml.model")?.value !== "gpt2")
    throw new Error("the vocabulary is not one of bytes")
  const texts = itemsOf(metadata, "tokenizer.ggml.tokens")
  const types = itemsOf(metadata, "tokenizer.ggml.token_type")
  return [...texts.keys()].filter(
    (token) => types[token] !== NORMAL || !isSeen(bytesOf(String(texts[token]))),
  )
}

function isSeen(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && Buffer.from(bytes).toString().trim() !== ""
}

function itemsOf(metadata: GgufHeader["metadata"], key: string): readonly unknown[] {
  const value = metadata.get(key)?.value
  if (typeof value !== "object") throw new Error(`${key} is not a list`)
  return Array.from(value.items)
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => BYTES.get(character) ?? 0)
}

const BYTES = new Map(byteSymbols().map((symbol, byte) => [symbol, byte]))

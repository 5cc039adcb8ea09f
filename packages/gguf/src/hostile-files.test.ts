// The hand-made bad files of the security design (B4, "Fuzz/corpus fixture"), 32 of them. The binding that others use
// loads seven of these and is ended by three; here each must be a named error with a message for people.

import { describe, expect, it } from "vitest"
import { bufferSource } from "./byte-source.ts"
import type { EncodableHeader } from "./encode-header.ts"
import { readHeader } from "./read-header.ts"
import { count, text } from "./testing/entries.ts"
import { TINY_LIMITS } from "./testing/limits.ts"
import { buildTinyModel, type TinyModelOptions, tinyVocabulary } from "./testing/tiny-model.ts"
import { verdictOf } from "./testing/verdict.ts"

const OPTIONS: TinyModelOptions = { vocabulary: "spm" }
const VALID = buildTinyModel(OPTIONS)
const DATA_OFFSET = (await readHeader(bufferSource(VALID), { limits: TINY_LIMITS })).dataOffset

const ascii = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0))

const metadata = (changes: NonNullable<TinyModelOptions["metadata"]>) =>
  buildTinyModel({ ...OPTIONS, metadata: changes })
const header = (change: (header: EncodableHeader) => Partial<EncodableHeader>) =>
  buildTinyModel({ ...OPTIONS, header: (original) => ({ ...original, ...change(original) }) })
const firstTensor = (changes: Partial<EncodableHeader["tensors"][number]>) =>
  header(({ tensors }) => ({
    tensors: tensors.map((tensor, index) => (index === 0 ? { ...tensor, ...changes } : tensor)),
  }))
const byteToken = (replacement: string) => {
  const items = tinyVocabulary(OPTIONS).tokens.map((token) => (token === "<0x41>" ? replacement : token))
  return metadata({ "tokenizer.ggml.tokens": { type: "array", value: { itemType: "string", items } } })
}
const stringLength = () => {
  const bytes = VALID.slice()
  new DataView(bytes.buffer).setBigUint64(24, 2n ** 63n - 1n, true)
  return bytes
}

const FILES: readonly (readonly [description: string, rule: string, bytes: Uint8Array])[] = [
  ["the tail is cut off", "tensor-past-end", VALID.slice(0, -5_000)],
  ["the header is cut off", "truncated", VALID.slice(0, DATA_OFFSET / 2)],
  ["16 bytes are left", "truncated", VALID.slice(0, 16)],
  ["2^62 tensors", "tensor-count", header(() => ({ tensorCount: 2n ** 62n }))],
  ["1e9 tensors", "tensor-count", header(() => ({ tensorCount: 1_000_000_000 }))],
  ["2^62 keys", "metadata-count", header(() => ({ metadataCount: 2n ** 62n }))],
  ["1e9 keys", "metadata-count", header(() => ({ metadataCount: 1_000_000_000 }))],
  ["a dimension of 2^60 + 1", "tensor-dimension", firstTensor({ dimensions: [2n ** 60n + 1n, 16] })],
  [
    "dimensions whose product wraps around",
    "tensor-elements",
    firstTensor({ dimensions: [2n ** 33n, 2n ** 33n] }),
  ],
  ["a data offset of 2^50", "tensor-past-end", firstTensor({ offset: 2n ** 50n })],
  ["a dimension of 0", "tensor-dimension", firstTensor({ dimensions: [0, 8] })],
  ["an alignment of 0", "alignment", metadata({ "general.alignment": count(0) })],
  ["an alignment of 3", "alignment", metadata({ "general.alignment": count(3) })],
  ["an alignment of 2^31", "alignment", metadata({ "general.alignment": count(2 ** 31) })],
  ["600 layers", "layer-count", metadata({ "llama.block_count": count(600) })],
  ["100,000 layers", "layer-count", metadata({ "llama.block_count": count(100_000) })],
  ["no heads", "head-count", metadata({ "llama.attention.head_count": count(0) })],
  ["embeddings of 2^31 - 1", "embedding-length", metadata({ "llama.embedding_length": count(2 ** 31 - 1) })],
  [
    "a first token beyond the vocabulary",
    "special-token",
    metadata({ "tokenizer.ggml.bos_token_id": count(99_999) }),
  ],
  ["an unknown architecture", "unknown-architecture", metadata({ "general.architecture": text("evil") })],
  ["the byte token <0xZZ>", "byte-token", byteToken("<0xZZ>")],
  ["the byte token <0x-1>", "byte-token", byteToken("<0x-1>")],
  [
    "token types of one byte",
    "token-table-type",
    metadata({ "tokenizer.ggml.token_type": { type: "array", value: { itemType: "uint8", items: [1, 1] } } }),
  ],
  ["gpt2 without merges", "merges-missing", metadata({ "tokenizer.ggml.model": text("gpt2") })],
  [
    "a template that loops",
    "chat-template-loop",
    metadata({ "tokenizer.chat_template": text("{% for i in range(1000000000) %}x{% endfor %}") }),
  ],
  ["a context of 1e9", "context-length", metadata({ "llama.context_length": count(1_000_000_000) })],
  ["an empty file", "empty-file", new Uint8Array(0)],
  ["an HTML page", "not-gguf", ascii("<!DOCTYPE html><html><body>404</body></html>")],
  ["zeros", "not-gguf", new Uint8Array(4096)],
  ["the magic only", "truncated", ascii("GGUF")],
  ["version 99", "unsupported-version", header(() => ({ version: 99 }))],
  ["a string of 2^63 - 1 bytes", "key-length", stringLength()],
]

describe("hand-made bad files", () => {
  it("are 32, made from a file that is valid", async () => {
    expect(FILES.length).toBe(32)
    expect(await verdictOf(VALID)).toMatchObject({ rule: "valid" })
  })

  it.each(FILES)("%s: %s", async (_, rule, bytes) => {
    const result = await verdictOf(bytes)
    expect(result.rule).toBe(rule)
    expect(result.offset).toBeLessThanOrEqual(bytes.length)
    expect(result.message).toMatch(/^[^\n]{15,300}$/)
  })
})

import { describe, expect, it } from "vitest"
import { count, flag, list, text, texts } from "./testing/entries.ts"
import { type TinyModelOptions, tinyVocabulary } from "./testing/tiny-model.ts"
import { verdictAt } from "./testing/verdict.ts"

type Changes = NonNullable<TinyModelOptions["metadata"]>

const PAIRS = tinyVocabulary({}).tokens
const PIECES = tinyVocabulary({ vocabulary: "spm" }).tokens
const replaced = (tokens: readonly string[], old: string, now: string) =>
  texts(tokens.map((token) => (token === old ? now : token)))

describe("rules of vocabularies", () => {
  const tokens = "tokenizer.ggml.tokens"
  const types = "tokenizer.ggml.token_type"

  it.each<[string, string, "bpe" | "spm", Changes]>([
    ["missing-key", "tokenizer.ggml.model", "bpe", { "tokenizer.ggml.model": undefined }],
    ["unknown-tokenizer", "tokenizer.ggml.model", "bpe", { "tokenizer.ggml.model": text("rwkv") }],
    ["unknown-tokenizer", "tokenizer.ggml.model", "bpe", { "tokenizer.ggml.model": text("toString") }],
    ["missing-key", tokens, "bpe", { [tokens]: undefined }],
    ["token-table-type", tokens, "bpe", { [tokens]: list("int32", [1]) }],
    ["vocabulary-size", tokens, "bpe", { [tokens]: texts([]) }],
    ["token-table-type", types, "bpe", { [types]: list("uint8", new Array(PAIRS.length).fill(1)) }],
    ["token-table-length", types, "bpe", { [types]: list("int32", new Array(PAIRS.length - 1).fill(1)) }],
    ["token-table-length", types, "bpe", { [types]: list("int32", new Array(PAIRS.length + 1).fill(1)) }],
    ["token-table-length", "tokenizer.ggml.scores", "spm", { "tokenizer.ggml.scores": list("float32", [1]) }],
    ["token-table-type", "tokenizer.ggml.scores", "spm", { "tokenizer.ggml.scores": list("uint32", [1]) }],
    ["duplicate-token", tokens, "bpe", { [tokens]: replaced(PAIRS, "b", "a") }],
    ["duplicate-token", tokens, "bpe", { [tokens]: replaced(PAIRS, "b", "a\0hidden") }],
    ["byte-token", tokens, "spm", { [tokens]: replaced(PIECES, "<0x41>", "<0xZZ>") }],
    ["byte-token", tokens, "spm", { [tokens]: replaced(PIECES, "<0x41>", "<0x-1>") }],
    ["byte-token", tokens, "spm", { [tokens]: replaced(PIECES, "<0x41>", "x0") }],
    ["token-length", tokens, "bpe", { [tokens]: replaced(PAIRS, "b", "b".repeat(65)) }],
    ["merges-missing", tokens, "bpe", { "tokenizer.ggml.merges": undefined }],
    ["token-table-type", "tokenizer.ggml.merges", "bpe", { "tokenizer.ggml.merges": list("int32", [1]) }],
    ["token-length", "tokenizer.ggml.merges", "bpe", { "tokenizer.ggml.merges": texts(["x".repeat(129)]) }],
    [
      "special-token",
      "tokenizer.ggml.bos_token_id",
      "bpe",
      { "tokenizer.ggml.bos_token_id": count(PAIRS.length) },
    ],
    [
      "key-type",
      "tokenizer.ggml.bos_token_id",
      "bpe",
      { "tokenizer.ggml.bos_token_id": { type: "int32", value: -1 } },
    ],
    [
      "special-token",
      "tokenizer.ggml.suppress_tokens",
      "bpe",
      { "tokenizer.ggml.suppress_tokens": list("int32", [-1]) },
    ],
    ["key-type", "tokenizer.ggml.add_bos_token", "bpe", { "tokenizer.ggml.add_bos_token": count(1) }],
    ["key-type", "tokenizer.chat_template", "bpe", { "tokenizer.chat_template": count(1) }],
    [
      "chat-template-loop",
      "tokenizer.chat_template.tool_use",
      "bpe",
      { "tokenizer.chat_template.tool_use": text("{% for i in range(0, 100_001) %}x{% endfor %}") },
    ],
  ])("%s: %s (%s)", async (rule, key, vocabulary, metadata) => {
    const result = await verdictAt({ vocabulary, metadata }, key)
    expect(result).toMatchObject({ rule, offset: result.expected })
  })

  it("a byte without a token", async () => {
    const values = PIECES.map((token) => (token.startsWith("<0x") ? 6 : 1))
    values[PIECES.indexOf("<0xE9>")] = 1
    const metadata = { [tokens]: replaced(PIECES, "<0xE9>", "other"), [types]: list("int32", values) }
    const result = await verdictAt({ vocabulary: "spm", metadata }, tokens)
    expect(result).toMatchObject({ rule: "byte-token-missing", offset: result.expected })
    expect(result.message).toContain("<0xE9>")
  })

  it("an unknown token type, with the place of that token's type", async () => {
    const values = new Array(PAIRS.length).fill(1)
    values[5] = 7
    const result = await verdictAt({ metadata: { [types]: list("int32", values) } }, types)
    expect(result).toMatchObject({ rule: "token-type", offset: result.expected + 5 * 4 })
  })

  it("a token to begin texts with that does not exist", async () => {
    const metadata = {
      "tokenizer.ggml.pre": text("glm4"),
      "tokenizer.ggml.add_bos_token": flag(true),
      "tokenizer.ggml.bos_token_id": undefined,
    }
    const result = await verdictAt({ metadata }, "tokenizer.ggml.add_bos_token")
    expect(result).toMatchObject({ rule: "special-token", offset: result.expected })
  })

  it("a token to end texts with that does not exist", async () => {
    const metadata = {
      "tokenizer.ggml.model": text("gemma4"),
      "tokenizer.ggml.add_eos_token": flag(true),
      "tokenizer.ggml.eos_token_id": undefined,
    }
    const result = await verdictAt({ metadata }, "tokenizer.ggml.add_eos_token")
    expect(result).toMatchObject({ rule: "special-token", offset: result.expected })
  })

  it("WordPiece without its separator", async () => {
    const few = {
      [tokens]: texts(PAIRS.slice(0, 50)),
      [types]: undefined,
      "tokenizer.ggml.model": text("bert"),
    }
    const ids = { "tokenizer.ggml.eos_token_id": undefined, "tokenizer.ggml.padding_token_id": undefined }
    const known = { "tokenizer.ggml.bos_token_id": count(0), "tokenizer.ggml.unknown_token_id": count(1) }
    const result = await verdictAt({ metadata: { ...few, ...ids, ...known } }, "tokenizer.ggml.model")
    expect(result).toMatchObject({ rule: "special-token", offset: result.expected })
  })

  it("unigrams with a table of characters that claims more than it has", async () => {
    const key = "tokenizer.ggml.precompiled_charsmap"
    const table = (bytes: number[]) => ({ "tokenizer.ggml.model": text("t5"), [key]: list("uint8", bytes) })
    const judge = (bytes: number[]) => verdictAt({ vocabulary: "spm", metadata: table(bytes) }, key)
    expect((await judge([4, 0, 0, 0, 1, 2, 3, 4, 65, 0])).rule).toBe("valid")
    for (const bytes of [
      [],
      [1, 0, 0],
      [200, 0, 0, 0, 1, 2, 3, 0],
      [3, 0, 0, 0, 1, 2, 3, 0],
      [4, 0, 0, 0, 1, 2, 3, 4, 65],
    ]) {
      const result = await judge(bytes)
      expect(result).toMatchObject({ rule: "charsmap", offset: result.expected })
    }
  })

  it("empty tokens have texts of their own", async () => {
    expect((await verdictAt({ metadata: { [tokens]: replaced(PAIRS, "b", "") } }, tokens)).rule).toBe("valid")
    const clash = PAIRS.map((token, id) => (id === 4 ? "" : id === 9 ? "[EMPTY_4]" : token))
    expect((await verdictAt({ metadata: { [tokens]: texts(clash) } }, tokens)).rule).toBe("duplicate-token")
  })
})

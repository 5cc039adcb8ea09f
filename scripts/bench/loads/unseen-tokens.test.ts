import { expect, test } from "vitest"
import type { GgufEntry } from "../../../packages/gguf/src/index.ts"
import { unseenTokens } from "./unseen-tokens.ts"

const header = (model: string, tokens: readonly (readonly [text: string, type: number])[]) => ({
  metadata: new Map<string, GgufEntry>([
    ["tokenizer.ggml.model", { type: "string", value: model, offset: 0 }],
    [
      "tokenizer.ggml.tokens",
      {
        type: "array",
        value: { itemType: "string", count: tokens.length, items: tokens.map(([text]) => text) },
        offset: 0,
      },
    ],
    [
      "tokenizer.ggml.token_type",
      {
        type: "array",
        value: { itemType: "int32", count: tokens.length, items: tokens.map(([, type]) => type) },
        offset: 0,
      },
    ],
  ]),
})

test("control tokens, parts of characters and white space show nothing by themselves", () => {
  // Ġ is a space, Ċ the end of a line, Ã© the two bytes of é, Ã the first of them, ½ a byte that only follows another.
  const texts = ["<|im_end|>", "Ġword", "Ċ", "Ã©", "Ã", "½", "a"] as const
  const tokens = texts.map((text, token) => [text, token === 0 ? 3 : 1] as const)
  expect(unseenTokens(header("gpt2", tokens))).toEqual([0, 2, 4, 5])
})

test("only a vocabulary of bytes is known", () => {
  expect(() => unseenTokens(header("llama", []))).toThrow("not one of bytes")
})

import fc from "fast-check"
import { expect, test } from "vitest"
import { metadataRows } from "./metadata-rows.ts"

test("rows by key; the template is shown elsewhere", () => {
  const rows = metadataRows({
    "tokenizer.chat_template": "{{ messages }}",
    "llama.block_count": 30,
    "general.name": "Tiny",
    "general.tags": ["a", "b"],
    "tokenizer.ggml.tokens": { type: "string", length: 49_152 },
    "general.nothing": null,
  })
  expect(rows.map(({ key, value }) => `${key} = ${value}`)).toEqual([
    "general.name = Tiny",
    "general.nothing = null",
    "general.tags = a, b",
    "llama.block_count = 30",
    "tokenizer.ggml.tokens = string × 49152",
  ])
})

test("whatever a header holds, a row is bounded", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (metadata) => {
      for (const { value } of metadataRows(metadata))
        expect(Array.from(value).length).toBeLessThanOrEqual(401)
    }),
  )
})

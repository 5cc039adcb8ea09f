import { expect, test } from "vitest"
import { ModelOptions, readOptions } from "./model-options.ts"

test.each([
  [{ temperature: null, stop: null, num_ctx: null, seed: null }, {}],
  [{ seed: -1 }, {}],
  [{ seed: 2 ** 32 + 5 }, { sampling: { seed: 5 } }],
  [{ top_k: -1 }, { sampling: { topK: 0 } }],
  [{ num_ctx: 10 }, { contextLength: 64 }],
  [{ num_ctx: 0 }, {}],
  [{ num_ctx: 8192 }, { contextLength: 8192 }],
  [{ num_predict: -2 }, {}],
  [{ num_predict: 0 }, {}],
  [{ num_predict: 7 }, { maxTokens: 7 }],
  [{ stop: "END" }, { stop: ["END"] }],
  [{ stop: ["", "END"] }, { stop: ["END"] }],
  [{ stop: "" }, {}],
  [{ mirostat: 0 }, { sampling: { mirostat: 0 } }],
])("%j", (options, generation) => {
  expect(readOptions(ModelOptions.parse(options))).toEqual({ generation, ignored: [] })
})

test("what changes nothing is listed", () => {
  const options = ModelOptions.parse({ num_gpu: 1, mirostat: 1, foo: "x", temperature: 0 })
  expect(readOptions(options)).toEqual({
    generation: { sampling: { temperature: 0 } },
    ignored: ["num_gpu", "foo", "mirostat"],
  })
  expect(readOptions(undefined)).toEqual({ generation: {}, ignored: [] })
})

import fc from "fast-check"
import { expect, test } from "vitest"
import { contextRoom } from "./context-room.ts"

test.each([
  [511, 512, undefined, { type: "fits", answerTokens: 2, limitedByContext: true }],
  [512, 512, undefined, { type: "fits", answerTokens: 1, limitedByContext: true }],
  [513, 512, 10, { type: "overflow", promptTokens: 513, contextLength: 512, excessTokens: 1 }],
  [5_120, 512, 10, { type: "overflow", excessTokens: 4_608 }],
  [500, 512, 13, { type: "fits", answerTokens: 13, limitedByContext: false }],
  [500, 512, 14, { type: "fits", answerTokens: 13, limitedByContext: true }],
] as const)("%i tokens in a context of %i, %s wished", (promptTokens, contextLength, maxTokens, expected) => {
  expect(
    contextRoom({ promptTokens, contextLength, ...(maxTokens === undefined ? {} : { maxTokens }) }),
  ).toMatchObject(expected)
})

test("the message has both numbers", () => {
  expect(contextRoom({ promptTokens: 9_000, contextLength: 8_192 })).toMatchObject({
    message: "The prompt has 9000 tokens; the context holds 8192. Nothing was cut.",
  })
})

test("prompt and answer never pass the context", () => {
  const count = fc.integer({ min: 0, max: 100_000 })
  fc.assert(
    fc.property(count, count, count, (promptTokens, contextLength, maxTokens) => {
      const room = contextRoom({ promptTokens, contextLength, maxTokens })
      if (room.type === "fits")
        expect(promptTokens + room.answerTokens).toBeLessThanOrEqual(contextLength + 1)
      else expect(promptTokens).toBeGreaterThan(contextLength)
    }),
  )
})

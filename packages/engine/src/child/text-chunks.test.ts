import fc from "fast-check"
import { expect, test } from "vitest"
import { chunkText } from "./text-chunks.ts"

test("short text stays whole", () => {
  expect(chunkText("a b c", { chunkBytes: 5, dropSpace: false })).toEqual(["a b c"])
})

test("long text is cut before a space between letters", () => {
  const text = "alpha beta gamma delta epsilon"
  const chunks = chunkText(text, { chunkBytes: 48, dropSpace: false })
  expect(chunks).toEqual([text])
  expect(chunkText(text, { chunkBytes: 24, dropSpace: false })).toEqual([
    "alpha",
    " beta",
    " gamma",
    " delta",
    " epsilon",
  ])
})

test("the space at a border is left out where the tokeniser adds one", () => {
  const text = "alpha beta gamma delta epsilon"
  expect(chunkText(text, { chunkBytes: 24, dropSpace: true }).join(" ")).toBe(text)
})

test("chunks are the text, fit, and hold whole characters", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 400 }),
      fc.integer({ min: 12, max: 100 }),
      (text, chunkBytes) => {
        const chunks = chunkText(text, { chunkBytes, dropSpace: false })
        expect(chunks.join("")).toBe(text)
        for (const chunk of chunks) {
          expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(chunkBytes)
          expect(chunk.isWellFormed()).toBe(text.isWellFormed())
        }
      },
    ),
  )
})

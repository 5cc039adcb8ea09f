import fc from "fast-check"
import { expect, test } from "vitest"
import { createUtf8Decoder } from "./utf8-decoder.ts"

const SAMPLES = ["naïve", "日本語", "👩‍👩‍👧‍👦 family", "नमस्ते", "\ufeffmark", "a\u0000b", "🇵🇹🏳️‍🌈"]

function decodeInPieces(bytes: Uint8Array, cuts: readonly number[]): string[] {
  const decoder = createUtf8Decoder()
  const borders = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  const pieces = borders.slice(1).map((end, index) => decoder.push(bytes.subarray(borders[index], end)))
  return [...pieces, decoder.end()]
}

test.each(SAMPLES)("one byte at a time gives the same text: %s", (text) => {
  const bytes = Buffer.from(text)
  const pieces = decodeInPieces(
    bytes,
    [...bytes.keys()].map((index) => index),
  )
  expect(pieces.join("")).toBe(text)
})

test("no piece ends inside a code point", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat(200)), (text, cuts) => {
      const bytes = Buffer.from(text)
      const pieces = decodeInPieces(
        bytes,
        cuts.map((cut) => Math.min(cut, bytes.length)),
      )
      expect(pieces.join("")).toBe(bytes.toString())
      for (const piece of pieces) expect(piece.isWellFormed()).toBe(true)
    }),
  )
})

test("a character that never comes whole is one replacement, at the end only", () => {
  const decoder = createUtf8Decoder()
  const [first, second] = Buffer.from("😀")
  expect(decoder.push(Uint8Array.of(first ?? 0, second ?? 0))).toBe("")
  expect(decoder.end()).toBe("\ufffd")
  expect(decoder.push(Buffer.from("next"))).toBe("next")
})

test("bytes that cannot become a character are replaced at once", () => {
  expect(createUtf8Decoder().push(Uint8Array.of(0xff, 0x41))).toBe("\ufffdA")
})

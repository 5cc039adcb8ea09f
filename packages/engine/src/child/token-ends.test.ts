import { expect, test } from "vitest"
import { tokenEnds } from "./token-ends.ts"

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array[] =>
  parts.map((part) => Uint8Array.from(typeof part === "string" ? Buffer.from(part) : part))

test("tokens end where their bytes do", () => {
  expect(tokenEnds("one two", bytes("one", " t", "wo"))).toEqual([3, 5, 7])
})

test("a space that the tokeniser put in front is not in the text", () => {
  expect(tokenEnds("<s>one two", bytes("<s>", " one", " two"))).toEqual([3, 6, 10])
})

test("a token within a character ends with it, and characters of two code units count as such", () => {
  // U+1F525 is f0 9f 94 a5.
  expect(tokenEnds("a🔥b", bytes("a", [0xf0, 0x9f], [0x94, 0xa5], "b"))).toEqual([1, 3, 3, 4])
  expect(tokenEnds("éa", bytes([0xc3], [0xa9], "a"))).toEqual([1, 1, 2])
})

test("no end is past the text, whatever the tokens say", () => {
  expect(tokenEnds("ab", bytes("ab", "cd"))).toEqual([2, 2])
  expect(tokenEnds("", bytes(""))).toEqual([0])
})

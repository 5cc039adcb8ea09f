import fc from "fast-check"
import { expect, test } from "vitest"
import { createCodeFile } from "./code-file.ts"
import { createWords } from "./random-words.ts"

test("as many words as asked for, the same for the same seed, others for its neighbour", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 20, max: 200 }), (seed, count) => {
      const text = createWords(seed).words(count)
      expect(text.split(" ")).toHaveLength(count)
      expect(createWords(seed).words(count)).toBe(text)
      // Already at the beginning: what is equal there could be reused.
      expect(
        createWords(seed + 1)
          .words(count)
          .slice(0, 60),
      ).not.toBe(text.slice(0, 60))
    }),
  )
})

test("numbers are below their limit, and no text is no word", () => {
  const source = createWords(7)
  for (let at = 0; at < 100; at++) expect(source.below(3)).toBeLessThan(3)
  expect(source.words(0)).toBe("")
})

test("a file of code has the function that is to be renamed", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, parts) => {
      const file = createCodeFile({ seed, parts })
      expect(file.text).toContain(`def ${file.from}(`)
      expect(file.text.match(/^def load_/gm)).toHaveLength(parts)
      expect(createCodeFile({ seed, parts })).toEqual(file)
    }),
  )
  expect(() => createCodeFile({ seed: 1, parts: 0 })).toThrow("at least one")
})

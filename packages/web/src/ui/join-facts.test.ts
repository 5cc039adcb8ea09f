import { expect, test } from "vitest"
import { joinFacts } from "./join-facts.ts"

test.each([
  [["135M", "98 MB"], "135M · 98 MB"],
  [["135M", "98 م.ب"], "\u2066135M\u2069 · \u206798 م.ب\u2069"],
  [[], ""],
])("%j", (facts, text) => {
  expect(joinFacts(facts)).toBe(text)
})

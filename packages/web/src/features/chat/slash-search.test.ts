import type { StoredPrompt } from "@fireside/protocol"
import { expect, test } from "vitest"
import { slashMatches } from "./slash-search.ts"

const prompts = ["Find mistakes", "Into French", "Make it short"].map((name) => ({ name }) as StoredPrompt)
const names = (text: string) => slashMatches(text, prompts)?.map(({ name }) => name)

test.each([
  ["/", ["Find mistakes", "Into French", "Make it short"]],
  ["/m", ["Make it short", "Find mistakes"]],
  ["/INTO-F", ["Into French"]],
  ["/nothing", []],
  ["", undefined],
  ["and/or", undefined],
  ["/usr bin", undefined],
  ["/two\nlines", undefined],
])("%j finds %j", (text, found) => {
  expect(names(text)).toEqual(found)
})

test("no more are shown than can be taken in", () => {
  const many = Array.from({ length: 50 }, (_, index) => ({ name: `p${index}` }) as StoredPrompt)
  expect(slashMatches("/p", many)).toHaveLength(8)
})

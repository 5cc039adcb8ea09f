import { ConversationChange } from "@fireside/protocol"
import { expect, test } from "vitest"
import { readTags } from "./read-tags.ts"

test.each([
  ["", []],
  [" , ", []],
  ["one", ["one"]],
  ["one, two words ,one", ["one", "two words"]],
  ["سفر، طعام", ["سفر", "طعام"]],
  ["旅行，食物、书", ["旅行", "食物", "书"]],
])("%j is %j", (text, tags) => {
  expect(readTags(text)).toEqual(tags)
})

test("the server takes what is read, however much is written", () => {
  const text = Array.from({ length: 50 }, (_, index) => `${index} ${"x".repeat(80)}`).join(",")
  expect(ConversationChange.parse({ tags: readTags(text) }).tags).toHaveLength(20)
})

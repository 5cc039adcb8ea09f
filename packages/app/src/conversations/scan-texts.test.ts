import fc from "fast-check"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld } from "./conversations.fixture.ts"
import { cutSnippet } from "./scan-texts.ts"

let world: ConversationWorld
beforeEach(async () => {
  world = await createConversationWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const me = "local"

test("a word within a sentence without spaces is found, in titles and messages", async () => {
  const { id } = await world.conversations.create({ title: "苏黎世的徒步路线" }, me)
  const content = "我们可以在湖边走走。SQLite 也行。"
  const { id: messageId } = await world.conversations.append(id, { message: { role: "user", content } }, me)
  await world.conversations.create({ title: "徒步" }, "other")
  const found = async (query: string) =>
    (await world.conversations.search({ query }, me)).map(({ messageId: at, snippet: { text, matches } }) => [
      at,
      ...matches.map(({ start, end }) => text.slice(start, end)),
    ])
  expect(await found("徒步")).toEqual([[null, "徒步"]])
  expect(await found("湖边 sqlite")).toEqual([[messageId, "湖边", "SQLite"]])
  expect(await found("湖边 postgres")).toEqual([])
  expect(await found("海")).toEqual([])
  await world.conversations.remove(id, me)
  expect(await found("徒步")).toEqual([])
})

test("the places of a snippet are those of the words, whatever the text", () => {
  const letter = fc.constantFrom("山", "水", "🔥", " ", "\n", "a", "B")
  fc.assert(
    fc.property(
      fc.array(letter, { maxLength: 300 }),
      fc.array(fc.constantFrom("山", "山水", "ab", "🔥"), { minLength: 1 }),
      (letters, words) => {
        const { text, matches } = cutSnippet(letters.join(""), words)
        expect(text.isWellFormed()).toBe(true)
        let before = 0
        for (const { start, end } of matches) {
          expect(words).toContain(text.slice(start, end).toLowerCase())
          expect(start).toBeGreaterThanOrEqual(before)
          before = end
        }
      },
    ),
  )
})

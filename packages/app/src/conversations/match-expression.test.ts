import { CONVERSATION_LIMITS } from "@fireside/protocol"
import fc from "fast-check"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld } from "./conversations.fixture.ts"
import { matchExpression } from "./match-expression.ts"

let world: ConversationWorld
beforeEach(async () => {
  world = await createConversationWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

test.each([
  ["one word", "walk", '"walk" *'],
  ["words", " long\twalk ", '"long" "walk" *'],
  ["a quotation mark", 'say "no"', '"say" """no""" *'],
  ["operators", "a AND NOT b OR c*", '"a" "AND" "NOT" "b" "OR" "c*" *'],
  ["a column", "title:x^2", '"title:x^2" *'],
  ["a zero", "a\u0000b", '"a" "b"'],
  ["a single letter", "walk w", '"walk" "w"'],
  ["a single character of another script", "山", '"山" *'],
  ["nothing to look for", ' " - \u0000 ', undefined],
])("%s", (_, query, expression) => {
  expect(matchExpression(query)).toBe(expression)
})

test("so many words and characters, not one more", () => {
  const { searchWords, searchCharacters } = CONVERSATION_LIMITS
  expect(matchExpression("word ".repeat(searchWords + 1))?.split(" ")).toHaveLength(searchWords + 1)
  expect(matchExpression("w".repeat(searchCharacters + 1))).toBe(`"${"w".repeat(searchCharacters)}" *`)
})

const anything = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        "'",
        "*",
        "^",
        ":",
        "(",
        ")",
        "{",
        "}",
        "-",
        "+",
        "\0",
        " ",
        "AND",
        "NOT",
        "NEAR",
        "a",
        "é",
      ),
    )
    .map((pieces) => pieces.join("")),
)

test("no query breaks the search", async () => {
  await world.conversations.create({ title: 'say "a" AND b' }, "local")
  await fc.assert(
    fc.asyncProperty(anything, async (query) => {
      expect(await world.conversations.search({ query }, "local")).toBeInstanceOf(Array)
    }),
  )
})

test("a text is found by any of its words, and by the beginning of one", async () => {
  const word = fc.stringMatching(/^[a-zäöüéñα-ω]{3,12}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.nat(),
      async (words, at, cut) => {
        const { id } = await world.conversations.create({}, "local")
        await world.conversations.append(
          id,
          { message: { role: "assistant", content: words.join(", ") } },
          "local",
        )
        const chosen = words[at % words.length] ?? ""
        for (const query of [chosen, chosen.slice(0, 2 + (cut % (chosen.length - 1)))]) {
          const hits = await world.conversations.search({ query, limit: 100 }, "local")
          expect(hits.map((hit) => hit.conversation.id)).toContain(id)
        }
        await world.conversations.erase(id, "local")
      },
    ),
    { numRuns: 40 },
  )
})

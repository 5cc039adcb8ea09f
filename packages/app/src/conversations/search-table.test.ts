import { CONVERSATION_LIMITS, type SearchHit } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld } from "./conversations.fixture.ts"

let world: ConversationWorld
beforeEach(async () => {
  world = await createConversationWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const me = "local"
const say = (id: string, content: string) =>
  world.conversations.append(id, { message: { role: "user", content } }, me)
const search = (query: string, limit?: number) =>
  world.conversations.search({ query, ...(limit === undefined ? {} : { limit }) }, me)
const found = ({ snippet: { text, matches } }: SearchHit): string[] =>
  matches.map(({ start, end }) => text.slice(start, end))

test("titles come first, then messages, the newest first, with the places of the words", async () => {
  const walks = await world.conversations.create({ title: "Walks in Zürich" }, me)
  const other = await world.conversations.create({ title: "Other" }, me)
  const first = await say(other.id, "Which walk\nis the  <b>longest</b> walk?")
  const second = await say(walks.id, "A WALK by the lake")
  const hits = await search("walk")
  expect(hits.map((hit) => [hit.conversation.id, hit.messageId])).toEqual([
    [walks.id, null],
    [walks.id, second.id],
    [other.id, first.id],
  ])
  expect(hits[2]?.snippet).toEqual({
    text: "Which walk is the <b>longest</b> walk?",
    matches: [
      { start: 6, end: 10 },
      { start: 33, end: 37 },
    ],
  })
  expect(hits.map(found)).toEqual([["Walks"], ["WALK"], ["walk", "walk"]])
  expect(hits[0]?.conversation).toEqual(await world.conversations.get(walks.id, me))
})

test("without regard to accents and case; all words must be there", async () => {
  const { id } = await world.conversations.create({ title: "x" }, me)
  await say(id, "Crème brûlée 🔥 in Zürich")
  expect((await search("CREME zuri")).map(found)).toEqual([["Crème", "Zürich"]])
  expect(await search("creme paris")).toEqual([])
  expect(await search("")).toEqual([])
})

test("a long text is cut around what was found", async () => {
  const { id } = await world.conversations.create({ title: "x" }, me)
  await say(id, `${"before ".repeat(500)}needle${" after".repeat(500)}`)
  const [hit] = await search("needle")
  expect(hit?.snippet.text.length).toBeLessThan(300)
  expect(hit === undefined ? [] : found(hit)).toEqual(["needle"])
})

test("marks in the text itself mean nothing", async () => {
  const { id } = await world.conversations.create({ title: "x" }, me)
  await say(id, "</mark> \u0001needle\u0002 <mark>")
  expect((await search("needle")).map(found)).toEqual([["needle"]])
})

test("what changes, goes or is another's is not found", async () => {
  const { id } = await world.conversations.create({ title: "Apples" }, me)
  await say(id, "pears")
  const theirs = await world.conversations.create({ title: "Apples and pears" }, "other")
  expect(await search("pears")).toHaveLength(1)
  await world.conversations.change(id, { title: "Plums" }, me)
  expect(await search("apples")).toEqual([])
  expect(await search("plums")).toHaveLength(1)
  await world.conversations.remove(id, me)
  expect(await search("pears")).toEqual([])
  await world.conversations.restore(id, me)
  expect(await search("pears")).toHaveLength(1)
  await world.conversations.erase(id, me)
  expect(await search("pears")).toEqual([])
  await world.conversations.erase(theirs.id, "other")
  for (const table of ["message_search", "conversation_search"])
    expect(world.database.all(`SELECT * FROM ${table} WHERE ${table} MATCH '"p" * OR "a" *'`)).toEqual([])
})

test("one conversation does not hide the others", async () => {
  const quiet = await world.conversations.create({ title: "x" }, me)
  await say(quiet.id, "needle")
  const loud = await world.conversations.create({ title: "y" }, me)
  for (let count = 0; count < 6; count += 1) await say(loud.id, "needle")
  const ids = (await search("needle", 5)).map((hit) => hit.conversation.id)
  expect(ids).toEqual([loud.id, loud.id, loud.id, quiet.id])
})

test("so many hits, not one more", async () => {
  const limit = CONVERSATION_LIMITS.searchHits
  expect(await search("x", limit)).toEqual([])
  for (const wrong of [0, limit + 1])
    await expect(search("x", wrong)).rejects.toMatchObject({
      code: "bad-request",
      details: { field: "limit" },
    })
})

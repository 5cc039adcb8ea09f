import { CONVERSATION_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld } from "./conversations.fixture.ts"
import type { Conversations } from "./conversations.ts"

let world: ConversationWorld
let conversations: Conversations
let id = ""
beforeEach(async () => {
  world = await createConversationWorld()
  conversations = world.conversations
  id = (await conversations.create({ title: "Walks", model: "tiny" }, me)).id
  await conversations.append(id, { message: { role: "user", content: "Where to?" } }, me)
})
afterEach(() => world[Symbol.asyncDispose]())

const me = "local"
const never = new AbortController().signal
const titles = async (trash: boolean) => (await conversations.list({ trash }, me)).map((it) => it.title)

test("what is removed lies in the trash and comes back as it was", async () => {
  const before = await conversations.get(id, me)
  world.clock.advance(1_000)
  await conversations.remove(id, me)
  expect(await titles(false)).toEqual([])
  expect(await titles(true)).toEqual(["Walks"])
  const trashed = await conversations.get(id, me)
  expect(trashed).toEqual({ ...before, trashedAt: "2026-01-01T00:00:01.000Z" })
  expect(world.forgotten).toEqual([])
  world.clock.advance(1_000)
  await conversations.remove(id, me)
  expect((await conversations.get(id, me)).trashedAt).toBe(trashed.trashedAt)
  expect(await conversations.restore(id, me)).toEqual(before)
  expect(await titles(false)).toEqual(["Walks"])
})

test("nothing is asked in the trash, but an answer that runs is kept", async () => {
  const answers = world.answer
  world.answer = async function* (request) {
    await conversations.remove(id, me)
    yield* answers(request)
  }
  for await (const _ of conversations.chat(id, {}, {}, never));
  expect(await conversations.messages(id, me)).toHaveLength(2)
  const next = conversations.chat(id, { content: "And?" }, {}, never)[Symbol.asyncIterator]().next()
  await expect(next).rejects.toMatchObject({ code: "bad-request", message: expect.stringContaining("trash") })
  expect(await conversations.messages(id, me)).toHaveLength(2)
})

test("emptying deletes for ever what lies there, of this owner, with what was computed of it", async () => {
  const kept = await conversations.create({ title: "Kept" }, me)
  const theirs = await conversations.create({ title: "Theirs" }, "other")
  await conversations.remove(theirs.id, "other")
  await conversations.remove(id, me)
  expect(await conversations.emptyTrash(me, never)).toBe(1)
  expect(world.forgotten).toEqual([{ type: "label", label: id }])
  await expect(conversations.get(id, me)).rejects.toMatchObject({ code: "not-found" })
  expect(await titles(false)).toEqual([kept.title])
  expect(await conversations.list({ trash: true }, "other")).toHaveLength(1)
  expect(world.database.all("SELECT id FROM message")).toEqual([])
  expect(await conversations.emptyTrash(me, never)).toBe(0)
})

test("what lay there for its time goes when somebody looks, a moment before it does not", async () => {
  await conversations.remove(id, me)
  world.clock.advance(CONVERSATION_LIMITS.trashAgeMs)
  expect(await titles(true)).toEqual(["Walks"])
  world.clock.advance(3_600_000)
  expect(await titles(true)).toEqual([])
  expect(world.forgotten).toEqual([{ type: "label", label: id }])
})

test("a look does not fail because the trash could not be swept", async () => {
  await conversations.remove(id, me)
  world.clock.advance(CONVERSATION_LIMITS.trashAgeMs + 1)
  world.forget = async () => {
    throw new Error("the disk is gone")
  }
  expect(await titles(false)).toEqual([])
  expect(world.log.lines).toMatchObject([{ level: "warn", message: "the trash was not swept" }])
})

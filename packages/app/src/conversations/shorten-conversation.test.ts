import type { ChatEvent } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld, FINISH } from "./conversations.fixture.ts"
import type { ConversationTurn } from "./conversations.ts"

let world: ConversationWorld
let id = ""
beforeEach(async () => {
  world = await createConversationWorld()
  id = (await world.conversations.create({ model: "tiny", system: "Be brief." }, "local")).id
  await take({ content: "one" })
  await take({ content: "two" })
})
afterEach(() => world[Symbol.asyncDispose]())

const never = new AbortController().signal
async function all(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const list: ChatEvent[] = []
  for await (const event of events) list.push(event)
  return list
}
const take = (turn: ConversationTurn) => all(world.conversations.chat(id, turn, {}, never))
const second = async (): Promise<string> =>
  (await world.conversations.messages(id, "local")).find(({ message }) => message.content === "two")?.id ?? ""
const lastPrompt = () => world.asked.at(-1)?.request.messages.map(({ content }) => content)
const says = (text: string) =>
  async function* (): AsyncIterable<ChatEvent> {
    yield { type: "start", model: "tiny", id: "1" }
    if (text !== "") yield { type: "text-delta", text }
    yield FINISH
  }

test("what comes before the cut is not sent, stays stored, and is sent again when it is undone", async () => {
  const before = await world.conversations.get(id, "local")
  const cut = { from: await second(), summary: "" }
  const changed = await world.conversations.change(id, { shortened: cut }, "local")
  expect(changed.shortened).toMatchObject(cut)
  expect(changed.updatedAt).toBe(before.updatedAt)
  await take({ content: "three" })
  expect(lastPrompt()).toEqual(["Be brief.", "two", "Hello there.", "three"])
  expect(await world.reopen().messages(id, "local")).toHaveLength(6)
  await world.conversations.change(id, { shortened: null }, "local")
  await take({ content: "four" })
  expect(lastPrompt()?.slice(0, 3)).toEqual(["Be brief.", "one", "Hello there."])
})

test("a branch that does not have the message of the cut is sent whole", async () => {
  await world.conversations.change(id, { shortened: { from: await second(), summary: "s" } }, "local")
  const [first] = await world.conversations.messages(id, "local")
  await take({ parentId: first?.id ?? null })
  expect(lastPrompt()).toEqual(["Be brief.", "one"])
})

test("a summary is written of the older turns as they were sent, and stands for them", async () => {
  world.answer = says(" We counted. ")
  const events = await all(
    world.conversations.summarise(id, { before: await second() }, { owner: "local" }, never),
  )
  expect(events.at(-1)).toEqual(FINISH)
  expect(lastPrompt()?.slice(0, 3)).toEqual(["Be brief.", "one", "Hello there."])
  expect(lastPrompt()?.[3]).toContain("Summarise")
  // What is computed for it goes with the conversation.
  expect(world.asked.at(-1)?.options).toMatchObject({ cacheLabel: id })
  const { shortened } = await world.reopen().get(id, "local")
  expect(shortened).toMatchObject({ from: await second(), summary: "We counted." })
  await take({ content: "three" })
  expect(lastPrompt()).toEqual([
    ...["Be brief.", "Summarise our conversation so far.", "We counted."],
    ...["two", "Hello there.", "three"],
  ])
})

test("nothing is shortened by a model that says nothing, or that fails", async () => {
  const before = await second()
  world.answer = says("")
  await all(world.conversations.summarise(id, { before }, {}, never))
  world.answer = async function* () {
    yield { type: "start", model: "tiny", id: "1" }
    yield { type: "text-delta", text: "We" }
    yield { type: "error", code: "engine-crashed", message: "It is gone." }
  }
  await all(world.conversations.summarise(id, { before }, {}, never))
  expect((await world.conversations.get(id, "local")).shortened).toBeNull()
})

test("a cut at a message that is not there, or before which there is nothing, is refused by name", async () => {
  const { conversations } = world
  const [first] = await conversations.messages(id, "local")
  const elsewhere = { shortened: { from: "nowhere", summary: "" } }
  await expect(conversations.change(id, elsewhere, "local")).rejects.toMatchObject({ code: "not-found" })
  await expect(conversations.create(elsewhere, "local")).rejects.toMatchObject({ code: "not-found" })
  const sum = (before: string, owner = "local") =>
    all(conversations.summarise(id, { before }, { owner }, never))
  await expect(sum(first?.id ?? "")).rejects.toMatchObject({ code: "bad-request" })
  await expect(sum("nowhere")).rejects.toMatchObject({ code: "not-found" })
  await expect(sum(await second(), "key-1")).rejects.toMatchObject({ code: "not-found" })
})

test("the context that a conversation was given is asked for with every turn", async () => {
  await world.conversations.change(id, { contextLength: 8192 }, "local")
  await take({ content: "three" })
  expect(world.asked.at(-1)?.request).toMatchObject({ contextLength: 8192 })
  await world.conversations.change(id, { contextLength: null }, "local")
  await take({ content: "four" })
  expect(world.asked.at(-1)?.request).not.toHaveProperty("contextLength")
})

test("an export brings its cut back, also where its ids are others", async () => {
  const from = await second()
  await world.conversations.change(id, { shortened: { from, summary: "s" }, contextLength: 4096 }, "local")
  const { pieces } = await world.conversations.export({ id, format: "json" }, "local")
  const text = (await Array.fromAsync(pieces)).join("")
  const bytes = async function* () {
    yield Buffer.from(text)
  }
  await world.conversations.import(bytes(), "key-1", never)
  const [copy] = await world.conversations.list({}, "key-1")
  const messages = await world.conversations.messages(copy?.id ?? "", "key-1")
  expect(copy).toMatchObject({ contextLength: 4096, shortened: { summary: "s" } })
  expect(messages.find(({ id: it }) => it === copy?.shortened?.from)?.message.content).toBe("two")
  expect(copy?.shortened?.from).not.toBe(from)
})

import { AppError, type ChatEvent } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld, FINISH } from "./conversations.fixture.ts"
import { cleanTitle, titleRequest } from "./written-title.ts"

test.each([
  ["plain", "Walks around Zürich", "Walks around Zürich"],
  ["quoted", '"Walks around Zürich."', "Walks around Zürich"],
  ["other quotes", "„Wanderungen bei Zürich“", "Wanderungen bei Zürich"],
  ["a name in front", "Title: **Walks**", "Walks"],
  ["a heading", "\n## Walks\nHere is why.", "Walks"],
  ["a question", "Where to walk?", "Where to walk?"],
  ["too many words", "one two three four five six seven", "one two three four five six"],
  ["cut at a comma", "one two three four five, six, seven", "one two three four five, six"],
  ["thoughts", "<think>\nhm\n</think>\nWalks", "Walks"],
  ["thoughts without an end", "<think> a walk", undefined],
  ["controls", "Wa\u0007lks\u202e now", "Wa lks now"],
  ["another script", "苏黎世的徒步路线", "苏黎世的徒步路线"],
  ["marks alone", "***\n---", undefined],
  ["nothing", "", undefined],
])("%s", (_, text, title) => {
  expect(cleanTitle(text)).toBe(title)
})

test("the model reads the beginnings only, and says little", () => {
  const request = titleRequest({ question: "q".repeat(5_000), answer: "a".repeat(5_000) })
  expect(request.messages[0]?.content.length).toBeLessThan(2_300)
  expect(request).toMatchObject({ maxTokens: 24, think: false, sampling: { temperature: 0.2 } })
})

describe("a conversation's title", () => {
  let world: ConversationWorld
  let id = ""
  beforeEach(async () => {
    world = await createConversationWorld()
    id = (await world.conversations.create({ model: "tiny" }, me)).id
    await world.conversations.append(id, { message: { role: "user", content: "Where do we walk?" } }, me)
    world.answer = saying('"A walk"')
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const me = "local"
  const never = new AbortController().signal
  const saying = (text: string) =>
    async function* (): AsyncGenerator<ChatEvent> {
      yield { type: "start", model: "tiny", id: "1" }
      yield { type: "text-delta", text }
      yield FINISH
    }
  const write = (wish: { force?: boolean; model?: string } = {}) =>
    world.conversations.title(id, wish, {}, never)

  test("is written by the model while it is the default one", async () => {
    await world.conversations.append(id, { message: { role: "assistant", content: "By the lake." } }, me)
    const { updatedAt } = await world.conversations.get(id, me)
    world.clock.advance(1_000)
    expect(await write()).toMatchObject({ conversation: { title: "A walk", updatedAt }, usage: FINISH.usage })
    const asked = world.asked[0]
    expect(asked?.request.messages[0]?.content).toContain(
      "User: Where do we walk?\n\nAssistant: By the lake.",
    )
    expect(asked).toMatchObject({ request: { model: "tiny" }, options: { cacheLabel: id } })
    expect(await world.conversations.messages(id, me)).toHaveLength(2)
    expect(await write()).toMatchObject({ conversation: { title: "A walk" }, usage: null })
    expect(world.asked).toHaveLength(1)
  })

  test("stays when somebody gave it, unless it is forced", async () => {
    await world.conversations.change(id, { title: "Mine" }, me)
    expect(await write()).toMatchObject({ conversation: { title: "Mine" }, usage: null })
    expect(world.asked).toEqual([])
    expect(await write({ force: true, model: "other" })).toMatchObject({ conversation: { title: "A walk" } })
    expect(world.asked[0]?.request.model).toBe("other")
  })

  test("stays when somebody gives one meanwhile, or nothing useful is said", async () => {
    world.answer = async function* () {
      yield { type: "start", model: "tiny", id: "1" }
      await world.conversations.change(id, { title: "Mine" }, me)
      yield { type: "text-delta", text: "A walk" }
      yield FINISH
    }
    expect(await write()).toMatchObject({ conversation: { title: "Mine" } })
    world.answer = saying("***")
    expect(await write({ force: true })).toMatchObject({
      conversation: { title: "Mine" },
      usage: FINISH.usage,
    })
  })

  test("is not written where nothing was said; what fails is thrown", async () => {
    const empty = await world.conversations.create({ model: "tiny" }, me)
    const none = await world.conversations.title(empty.id, { force: true }, {}, never)
    expect(none).toMatchObject({ conversation: { title: "" }, usage: null })
    world.answer = async function* () {
      yield { type: "start", model: "tiny", id: "1" }
      yield { type: "error", code: "engine-crashed", message: "Gone." }
    }
    await expect(write()).rejects.toMatchObject({ code: "engine-crashed" })
    // biome-ignore lint/correctness/useYield: it fails before it can
    world.answer = async function* () {
      throw new AppError("model-not-found", { message: "None." })
    }
    await expect(write()).rejects.toMatchObject({ code: "model-not-found" })
  })
})

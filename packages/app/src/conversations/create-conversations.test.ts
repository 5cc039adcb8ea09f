import type { ChatEvent } from "@fireside/protocol"
import { AppError } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld, FINISH } from "./conversations.fixture.ts"
import type { ConversationTurn } from "./conversations.ts"

let world: ConversationWorld
let id = ""
beforeEach(async () => {
  world = await createConversationWorld()
  id = (await world.conversations.create({ model: "tiny", system: "Be brief." }, "local")).id
})
afterEach(() => world[Symbol.asyncDispose]())

const never = new AbortController().signal
const START: ChatEvent = { type: "start", model: "tiny:latest", id: "1" }
const HALF: ChatEvent = { type: "text-delta", text: "Half an" }

async function take(turn: ConversationTurn): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const event of world.conversations.chat(id, turn, {}, never)) events.push(event)
  return events
}
const messages = () => world.reopen().messages(id, "local")
const lastPrompt = () => world.asked.at(-1)?.request.messages

describe("turns of a conversation", () => {
  test("the question and the answer are stored, the next turn brings them", async () => {
    expect((await take({ content: "Hi" })).at(-1)).toEqual(FINISH)
    const [question, answer] = await messages()
    expect(question).toMatchObject({ message: { role: "user", content: "Hi" }, parentId: null, model: null })
    expect(answer).toMatchObject({
      message: { role: "assistant", content: "Hello there.", reasoning: "greet" },
      parentId: question?.id,
      state: "complete",
      model: "tiny",
      usage: FINISH.usage,
      timings: FINISH.timings,
    })
    expect(world.asked[0]).toMatchObject({ request: { model: "tiny" }, options: { id: answer?.id } })
    await take({ content: "And?" })
    expect(lastPrompt()?.map((it) => it.content)).toEqual(["Be brief.", "Hi", "Hello there.", "And?"])
    expect(await world.conversations.get(id, "local")).toMatchObject({ title: "Hi", messageCount: 4 })
  })

  test("the question is there before the model is asked, the answer before its end is told", async () => {
    const counts: number[] = []
    world.answer = async function* () {
      counts.push((await messages()).length)
      yield START
      yield FINISH
    }
    for await (const event of world.conversations.chat(id, { content: "Hi" }, {}, never))
      if (event.type === "finish") counts.push((await messages()).length)
    expect(counts).toEqual([1, 2])
  })

  test("an answer goes on where it ended; the whole is another version of it", async () => {
    world.answer = async function* () {
      yield START
      yield HALF
      yield FINISH
    }
    await take({ content: "Hi" })
    const [question, half] = await messages()
    world.answer = async function* () {
      yield START
      yield { type: "text-delta", text: " answer." }
      yield FINISH
    }
    await take({ continueFrom: half!.id })
    expect(world.asked.at(-1)?.request).toMatchObject({ continueLast: true })
    expect(lastPrompt()?.map((it) => it.content)).toEqual(["Be brief.", "Hi", "Half an"])
    expect((await messages()).at(-1)).toMatchObject({
      message: { role: "assistant", content: "Half an answer." },
      parentId: question?.id,
    })
    await expect(take({ continueFrom: question!.id })).rejects.toMatchObject({ code: "bad-request" })
    await expect(take({ continueFrom: half!.id, content: "x" })).rejects.toMatchObject({
      code: "bad-request",
    })
    await expect(take({ continueFrom: "nobody" })).rejects.toMatchObject({ code: "not-found" })
  })

  test("a turn's own wishes win over the conversation's", async () => {
    const sampling = { temperature: 0, topK: 3 }
    await world.conversations.change(id, { sampling }, "local")
    await take({ content: "Hi", model: "other", sampling: { topK: 5 }, maxTokens: 7 })
    expect(world.asked[0]?.request).toEqual({
      model: "other",
      sampling: { temperature: 0, topK: 5 },
      maxTokens: 7,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
      ],
    })
  })

  test("without a model, the one used last answers; without one, it says so and stores nothing", async () => {
    await world.conversations.change(id, { model: "" }, "local")
    await expect(take({ content: "Hi" })).rejects.toMatchObject({ code: "bad-request" })
    expect(await messages()).toEqual([])
    world.lastModel = "last"
    await take({ content: "Hi" })
    expect(world.asked[0]?.request.model).toBe("last")
  })

  test("a question is answered again, on a branch of its own", async () => {
    await take({ content: "Hi" })
    await take({ content: "And?" })
    const [first] = await messages()
    await take({ parentId: first?.id ?? "" })
    expect(lastPrompt()?.map((it) => it.content)).toEqual(["Be brief.", "Hi"])
    const again = (await messages()).at(-1)
    expect(again).toMatchObject({ parentId: first?.id, message: { role: "assistant" } })
    await take({ content: "Other", parentId: again?.id ?? "" })
    expect(lastPrompt()?.map((it) => it.content)).toEqual(["Be brief.", "Hi", "Hello there.", "Other"])
    await take({ content: "New", parentId: null })
    expect(lastPrompt()?.map((it) => it.content)).toEqual(["Be brief.", "New"])
  })

  test("a question that was only stored is answered", async () => {
    await world.conversations.append(id, { message: { role: "user", content: "Hi" } }, "local")
    await take({})
    expect((await messages()).map((it) => it.message.role)).toEqual(["user", "assistant"])
    const answer = (await messages()).at(-1)?.id ?? ""
    for (const turn of [{}, { parentId: null }, { parentId: answer }])
      await expect(take(turn)).rejects.toMatchObject({ code: "bad-request", details: { field: "content" } })
    await expect(take({ parentId: "x" })).rejects.toMatchObject({ code: "not-found" })
  })

  test("calls of tools are kept as the model wrote them", async () => {
    world.answer = async function* () {
      yield START
      yield { type: "tool-call-start", callId: "c1", name: "add" }
      yield { type: "tool-call-delta", callId: "c1", arguments: '{"a":' }
      yield { type: "tool-call-delta", callId: "c1", arguments: "1}" }
      yield { type: "tool-call-end", callId: "c1" }
      yield { ...FINISH, reason: "tool-calls" }
    }
    await take({ content: "Add" })
    const toolCalls = [{ callId: "c1", name: "add", arguments: '{"a":1}' }]
    expect((await messages()).at(-1)?.message).toEqual({ role: "assistant", content: "", toolCalls })
    await world.conversations.append(id, { message: { role: "tool", content: "2", callId: "c1" } }, "local")
    await take({})
    expect(lastPrompt()?.map((it) => it.role)).toEqual(["system", "user", "assistant", "tool"])
  })
})

describe("answers that break off", () => {
  const partial = { message: { role: "assistant", content: "Half an" }, state: "partial", usage: null }

  test("with an error event: kept before it is told", async () => {
    world.answer = async function* () {
      yield START
      yield HALF
      yield { type: "error", code: "engine-crashed", message: "Gone." }
    }
    for await (const event of world.conversations.chat(id, { content: "Hi" }, {}, never))
      if (event.type === "error") expect((await messages()).at(-1)).toMatchObject(partial)
    expect(await messages()).toHaveLength(2)
    expect(world.log.lines).toEqual([])
  })

  test("with something thrown: kept, and thrown on", async () => {
    world.answer = async function* () {
      yield START
      yield HALF
      throw new AppError("interrupted", { message: "Stopped." })
    }
    await expect(take({ content: "Hi" })).rejects.toMatchObject({ code: "interrupted" })
    expect((await messages()).at(-1)).toMatchObject({ ...partial, model: "tiny:latest" })
  })

  test("because the reader left: kept", async () => {
    world.answer = async function* () {
      yield START
      yield HALF
      yield { type: "text-delta", text: " answer" }
      yield FINISH
    }
    for await (const event of world.conversations.chat(id, { content: "Hi" }, {}, never))
      if (event === HALF) break
    expect((await messages()).at(-1)).toMatchObject(partial)
    expect(await messages()).toHaveLength(2)
  })

  test("before they began: only the question is kept", async () => {
    // biome-ignore lint/correctness/useYield: it fails before it can
    world.answer = async function* () {
      throw new AppError("model-not-found", { message: "None." })
    }
    await expect(take({ content: "Hi" })).rejects.toMatchObject({ code: "model-not-found" })
    expect(await messages()).toMatchObject([{ message: { content: "Hi" } }])
  })

  test("without a word: kept as empty, and the model does not see an empty turn", async () => {
    world.answer = async function* () {
      yield START
      yield { type: "error", code: "engine-crashed", message: "Gone." }
    }
    await take({ content: "Hi" })
    expect((await messages()).at(-1)).toMatchObject({ message: { content: "" }, state: "partial" })
    await take({ content: "Again" })
    expect(lastPrompt()?.map((it) => it.content)).toEqual(["Be brief.", "Hi", "Again"])
  })

  test("without a place to keep it: logged, and what broke is thrown on", async () => {
    world.answer = async function* () {
      yield START
      await world.conversations.erase(id, "local")
      throw new AppError("engine-crashed", { message: "Gone." })
    }
    await expect(take({ content: "Hi" })).rejects.toMatchObject({ code: "engine-crashed" })
    expect(world.log.lines).toMatchObject([{ level: "warn", fields: { reason: "not-found" } }])
  })

  test("a conversation that is removed meanwhile keeps nothing, and the end is not told", async () => {
    world.answer = async function* () {
      yield START
      await world.conversations.erase(id, "local")
      yield FINISH
    }
    await expect(take({ content: "Hi" })).rejects.toMatchObject({ code: "not-found" })
    expect(world.database.all("SELECT id FROM message")).toEqual([])
  })
})

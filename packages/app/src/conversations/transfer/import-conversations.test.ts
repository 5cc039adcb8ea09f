import { CONVERSATION_LIMITS, type Message, type StoredMessage } from "@fireside/protocol"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld, FINISH } from "../conversations.fixture.ts"

let world: ConversationWorld
beforeEach(async () => {
  world = await createConversationWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const me = "local"
const never = new AbortController().signal

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
const bring = (value: unknown, owner = me, to = world) =>
  to.conversations.import(bytesOf(typeof value === "string" ? value : JSON.stringify(value)), owner, never)
const exported = async (from = world) => {
  const { pieces } = await from.conversations.export({ id: null, format: "json" }, me)
  return await whole(pieces)
}
/** Everything of one owner, as it is seen. */
const everything = async (of: ConversationWorld, owner = me) => {
  const conversations = await of.conversations.list({ limit: CONVERSATION_LIMITS.pageSize }, owner)
  const all: Record<string, unknown> = {}
  for (const it of conversations)
    all[it.id] = { ...it, messages: await of.conversations.messages(it.id, owner) }
  return all
}

const chatGpt = (id: string, texts: readonly string[]) => ({
  title: `chat ${id}`,
  conversation_id: id,
  create_time: 1_700_000_000,
  update_time: 1_700_000_000,
  current_node: `${texts.length - 1}`,
  mapping: Object.fromEntries(
    texts.map((text, at) => [
      `${at}`,
      {
        parent: at === 0 ? null : `${at - 1}`,
        children: [],
        message: {
          author: { role: at % 2 === 0 ? "user" : "assistant" },
          content: { content_type: "text", parts: [text] },
        },
      },
    ]),
  ),
})

describe("an import", () => {
  test("brings in what it can, and says why not the rest", async () => {
    const report = await bring([
      chatGpt("a", ["hi", "hello"]),
      { what: 1 },
      chatGpt("b", []),
      chatGpt("c", ["yo"]),
    ])
    expect(report).toEqual({
      imported: 2,
      skipped: 2,
      reasons: [
        { title: "", reason: "unknown-format", message: expect.any(String) },
        { title: "chat b", reason: "empty", message: expect.any(String) },
      ],
    })
    const list = await world.conversations.list({}, me)
    expect(list.map((it) => [it.title, it.messageCount, it.updatedAt])).toEqual([
      ["chat c", 1, "2023-11-14T22:13:20.000Z"],
      ["chat a", 2, "2023-11-14T22:13:20.000Z"],
    ])
    expect(await world.conversations.search({ query: "hello" }, me)).toHaveLength(1)
  })

  test("twice brings nothing twice, also when it lies in the trash; another owner may bring the same", async () => {
    const file = [chatGpt("a", ["hi"])]
    await bring(file)
    const [first] = await world.conversations.list({}, me)
    expect(await bring(file)).toMatchObject({ imported: 0, reasons: [{ reason: "already-here" }] })
    await world.conversations.remove(first?.id ?? "", me)
    expect(await bring(file)).toMatchObject({ imported: 0, reasons: [{ reason: "already-here" }] })
    expect(await bring(file, "other")).toMatchObject({ imported: 1 })
    await world.conversations.erase(first?.id ?? "", me)
    expect(await bring(file)).toMatchObject({ imported: 1 })
  })

  test("goes on as a conversation: the newest message is that of the shown branch", async () => {
    await bring([chatGpt("a", ["hi", "hello"])])
    const [it] = await world.conversations.list({}, me)
    for await (const _ of world.conversations.chat(
      it?.id ?? "",
      { content: "and?", model: "tiny" },
      {},
      never,
    ));
    expect(world.asked[0]?.request.messages.map((message) => message.content)).toEqual([
      "hi",
      "hello",
      "and?",
    ])
  })

  test("without a title gets one; a long title is cut", async () => {
    await bring([
      { ...chatGpt("a", ["Where to walk?"]), title: null },
      { ...chatGpt("b", ["x"]), title: `${"x".repeat(CONVERSATION_LIMITS.titleLength - 1)}🔥` },
    ])
    const titles = (await world.conversations.list({}, me)).map((it) => it.title)
    expect(titles).toEqual(["x".repeat(CONVERSATION_LIMITS.titleLength - 1), "Where to walk?"])
  })

  test("takes n messages and n bytes, not one more", async () => {
    const { messages, messageBytes } = CONVERSATION_LIMITS
    const many = (count: number) =>
      chatGpt(
        `${count}`,
        Array.from({ length: count }, () => "x"),
      )
    const overhead = JSON.stringify({ role: "user", content: "" }).length
    const long = (size: number) => chatGpt(`long ${size}`, ["x".repeat(size - overhead)])
    const report = await bring([
      many(messages),
      many(messages + 1),
      long(messageBytes),
      long(messageBytes + 1),
    ])
    expect(report).toMatchObject({
      imported: 2,
      reasons: [
        { title: `chat ${messages + 1}`, reason: "too-large" },
        { title: `chat long ${messageBytes + 1}`, reason: "too-large" },
      ],
    })
  })

  test("names so many that it left out, and counts them all", async () => {
    const report = await bring(Array.from({ length: CONVERSATION_LIMITS.skippedNamed + 1 }, () => ({})))
    expect(report).toMatchObject({ imported: 0, skipped: CONVERSATION_LIMITS.skippedNamed + 1 })
    expect(report.reasons).toHaveLength(CONVERSATION_LIMITS.skippedNamed)
  })

  test("of a file that ends in the middle keeps what came", async () => {
    const text = JSON.stringify([chatGpt("a", ["hi"]), chatGpt("b", ["hi"])])
    expect(await bring(text.slice(0, -10))).toMatchObject({ imported: 1, reasons: [{ reason: "damaged" }] })
    await expect(bring("not JSON")).rejects.toMatchObject({ code: "bad-request" })
  })

  test("stops when it is told to", async () => {
    const stopped = AbortSignal.abort(new Error("stop"))
    await expect(world.conversations.import(bytesOf("[{}]"), me, stopped)).rejects.toThrow("stop")
  })

  test("is told to those who follow", async () => {
    const events = world.conversations.changes(me, never)[Symbol.asyncIterator]()
    await events.next()
    const waiting = events.next()
    await bring([chatGpt("a", ["hi"])])
    expect(await waiting).toMatchObject({ value: { type: "changed" } })
    await events.return?.(undefined)
  })
})

const text = fc.string({ unit: "grapheme", maxLength: 30 })
const label = fc.stringMatching(/^[a-zé][a-zé ]{0,8}[a-zé]$/)
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant("user" as const), content: text }),
  fc.record(
    {
      role: fc.constant("assistant" as const),
      content: text,
      reasoning: text,
      toolCalls: fc.array(fc.record({ callId: text, name: text, arguments: text }), { maxLength: 2 }),
    },
    { requiredKeys: ["role", "content"] },
  ),
  fc.record(
    { role: fc.constant("tool" as const), content: text, name: text },
    { requiredKeys: ["role", "content"] },
  ),
)
const conversation = fc.record({
  change: fc.record(
    {
      title: text,
      system: text,
      model: label,
      pinned: fc.boolean(),
      folder: label,
      tags: fc.uniqueArray(label, { maxLength: 3 }),
      sampling: fc.record(
        { temperature: fc.integer({ min: 0, max: 10 }), seed: fc.nat() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  ),
  messages: fc.array(
    fc.record({ message, parent: fc.nat(), state: fc.constantFrom("complete" as const, "partial" as const) }),
    { maxLength: 6 },
  ),
})

describe("our own export", () => {
  async function fill(
    conversations: readonly (typeof conversation extends fc.Arbitrary<infer It> ? It : never)[],
  ) {
    for (const { change, messages } of conversations) {
      const { id } = await world.conversations.create(change, me)
      world.clock.advance(1_000)
      const ids: (string | null)[] = [null]
      for (const { message: said, parent, state } of messages) {
        const answer =
          said.role === "assistant" ? { model: "tiny", usage: FINISH.usage, timings: FINISH.timings } : {}
        const parentId = ids[parent % ids.length] ?? null
        const stored: StoredMessage = await world.conversations.append(
          id,
          { message: said, parentId, state, ...answer },
          me,
        )
        ids.push(stored.id)
      }
    }
  }

  test("comes back equal, elsewhere and here after it was deleted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(conversation, { maxLength: 3 }), async (conversations) => {
        await fill(conversations)
        const before = await everything(world)
        const file = await exported()
        await using elsewhere = await createConversationWorld()
        const count = conversations.length
        expect(await bring(file, me, elsewhere)).toEqual({ imported: count, skipped: 0, reasons: [] })
        expect(await everything(elsewhere)).toEqual(before)
        expect(await bring(file)).toMatchObject({ imported: 0, skipped: count })
        for (const id of Object.keys(before)) await world.conversations.erase(id, me)
        expect(await bring(file)).toMatchObject({ imported: count })
        expect(await everything(world)).toEqual(before)
        for (const id of Object.keys(before)) await world.conversations.erase(id, me)
      }),
      { numRuns: 25 },
    )
  })

  test("of another owner comes in beside theirs, under new ids", async () => {
    await fill([
      {
        change: { title: "a" },
        messages: [{ message: { role: "user", content: "x" }, parent: 0, state: "complete" }],
      },
    ])
    const file = await exported()
    expect(await bring(file, "other")).toMatchObject({ imported: 1 })
    expect(await bring(file, "other")).toMatchObject({ imported: 0, reasons: [{ reason: "already-here" }] })
    const [mine] = Object.values(await everything(world)) as { id: string; title: string }[]
    const [theirs] = Object.values(await everything(world, "other")) as { id: string; title: string }[]
    expect(theirs?.id).not.toBe(mine?.id)
    expect(theirs?.title).toBe("a")
  })

  test("cannot take the place of another message, nor follow one that is not there", async () => {
    await fill([
      {
        change: { title: "a" },
        messages: [{ message: { role: "user", content: "x" }, parent: 0, state: "complete" }],
      },
    ])
    const [own] = JSON.parse(await exported()) as {
      conversation: { id: string }
      messages: { parentId: string }[]
    }[]
    if (own === undefined) throw new Error("nothing was exported")
    const forged = { ...own, conversation: { ...own.conversation, id: "forged" } }
    expect(await bring([forged])).toMatchObject({ imported: 1 })
    const orphan = { ...own, messages: own.messages.map((it) => ({ ...it, parentId: "nobody" })) }
    const twice = { ...own, messages: [...own.messages, ...own.messages] }
    expect(await bring([orphan, twice])).toMatchObject({
      imported: 0,
      reasons: [{ reason: "damaged" }, { reason: "damaged" }],
    })
    const before = Object.values(await everything(world)) as { messages: unknown[] }[]
    expect(before.map((it) => it.messages.length)).toEqual([1, 1])
  })
})

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = ""
  for await (const piece of pieces) text += piece
  return text
}

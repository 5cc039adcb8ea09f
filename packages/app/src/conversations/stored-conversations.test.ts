import { readFile } from "node:fs/promises"
import { CONVERSATION_LIMITS, type Message } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld } from "./conversations.fixture.ts"
import type { Conversations } from "./conversations.ts"

let world: ConversationWorld
let conversations: Conversations
beforeEach(async () => {
  world = await createConversationWorld()
  conversations = world.conversations
})
afterEach(() => world[Symbol.asyncDispose]())

const me = "local"
const code = (code: string) => expect.objectContaining({ code })
const user = (content: string): { message: Message } => ({ message: { role: "user", content } })

/** Rows as `append` writes them, each following the one before, in one go. */
function fill(id: string, count: number): void {
  world.database.run(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO message (id, conversation_id, parent_id, message, state, created_at)
     SELECT 'm' || i, ?, CASE WHEN i > 1 THEN 'm' || (i - 1) END, '{"role":"user","content":"x"}', 'complete', '' FROM n`,
    ...[count, id],
  )
}

describe("stored conversations", () => {
  test("one that was made is there, also for another process", async () => {
    const change = { title: "Walks", model: "tiny", system: "Be brief.", sampling: { temperature: 0 } }
    const made = await conversations.create(change, me)
    const at = "2026-01-01T00:00:00.000Z"
    const order = {
      pinned: false,
      folder: "",
      tags: [],
      shortened: null,
      contextLength: null,
      trashedAt: null,
    }
    const times = { createdAt: at, updatedAt: at }
    expect(made).toEqual({ ...change, ...order, ...times, id: made.id, messageCount: 0 })
    expect(await world.reopen().get(made.id, me)).toEqual(made)
    expect(await conversations.create({}, me)).toMatchObject({
      title: "",
      model: "",
      system: "",
      sampling: {},
    })
  })

  test("the newest change comes first, page by page", async () => {
    const ids: string[] = []
    for (const title of ["a", "b", "c"]) {
      ids.push((await conversations.create({ title }, me)).id)
      world.clock.advance(1_000)
    }
    await conversations.append(ids[0] ?? "", user("hi"), me)
    const page = await conversations.list({ limit: 2 }, me)
    expect(page.map((it) => it.title)).toEqual(["a", "c"])
    const before = page.at(-1)?.updatedAt ?? ""
    expect((await conversations.list({ before }, me)).map((it) => it.title)).toEqual(["b"])
    const offset = await conversations.list({ before: "2026-01-01T02:00:02+02:00" }, me)
    expect(offset.map((it) => it.title)).toEqual(["b"])
  })

  test.each([
    ["limit", { limit: 0 }],
    ["limit", { limit: CONVERSATION_LIMITS.pageSize + 1 }],
    ["before", { before: "yesterday" }],
  ])("a page with a bad %s is refused", async (field, page) => {
    await expect(conversations.list(page, me)).rejects.toMatchObject({
      code: "bad-request",
      details: { field },
    })
    expect(await conversations.list({ limit: CONVERSATION_LIMITS.pageSize }, me)).toEqual([])
  })

  test("conversations of the same moment are not lost between two pages", async () => {
    for (const title of ["a", "b", "c", "d", "e"]) await conversations.create({ title }, me)
    const seen: string[] = []
    let page = await conversations.list({ limit: 2 }, me)
    while (page.length > 0) {
      seen.push(...page.map((it) => it.title))
      const last = page.at(-1)
      if (last === undefined) break
      page = await conversations.list({ limit: 2, before: last.updatedAt, beforeId: last.id }, me)
    }
    expect(seen).toEqual(["e", "d", "c", "b", "a"])
  })

  test("pins, folders and tags put in order, and make nothing newer", async () => {
    const { id, updatedAt } = await conversations.create({ title: "Walks", folder: " Outside " }, me)
    await conversations.create({ title: "Other", tags: ["b"] }, me)
    world.clock.advance(1_000)
    const changed = await conversations.change(id, { pinned: true, tags: ["a", "b", "a"] }, me)
    expect(changed).toMatchObject({ pinned: true, folder: "Outside", tags: ["a", "b"], updatedAt })
    const titles = async (filter: object) => (await conversations.list(filter, me)).map((it) => it.title)
    expect(await titles({ pinned: true })).toEqual(["Walks"])
    expect(await titles({ pinned: false })).toEqual(["Other"])
    expect(await titles({ folder: "Outside" })).toEqual(["Walks"])
    expect(await titles({ folder: "" })).toEqual(["Other"])
    expect(await titles({ tag: "a" })).toEqual(["Walks"])
    expect(await titles({ tag: "b" })).toEqual(["Other", "Walks"])
    expect(await titles({ tag: "b", pinned: true, folder: "Outside" })).toEqual(["Walks"])
    expect(await titles({ tag: "c" })).toEqual([])
    expect(await conversations.labels(me)).toEqual({
      folders: [{ name: "Outside", count: 1 }],
      tags: [
        { name: "a", count: 1 },
        { name: "b", count: 2 },
      ],
    })
    expect(await conversations.labels("other")).toEqual({ folders: [], tags: [] })
    expect((await conversations.change(id, { title: "Walking" }, me)).updatedAt).not.toBe(updatedAt)
  })

  test.each([
    ["folder", { folder: "x".repeat(CONVERSATION_LIMITS.folderLength + 1) }],
    ["tags", { tags: Array.from({ length: CONVERSATION_LIMITS.tags + 1 }, (_, at) => `t${at}`) }],
    ["tags.0", { tags: ["x".repeat(CONVERSATION_LIMITS.tagLength + 1)] }],
    ["tags.0", { tags: [" "] }],
  ])("%s beyond its limit is refused", async (field, change) => {
    await expect(conversations.create(change, me)).rejects.toMatchObject({
      code: "bad-request",
      details: { field },
    })
    const most = {
      folder: "x".repeat(CONVERSATION_LIMITS.folderLength),
      tags: Array.from({ length: CONVERSATION_LIMITS.tags }, (_, at) =>
        `${at}`.padEnd(CONVERSATION_LIMITS.tagLength, "x"),
      ),
    }
    expect(await conversations.create(most, me)).toMatchObject(most)
  })

  test("another owner's is as if it were not there", async () => {
    const { id } = await conversations.create({}, me)
    const { id: theirs } = await conversations.create({}, "other")
    const foreign = await conversations.append(theirs, user("secret"), "other")
    for (const refused of [
      conversations.get(id, "other"),
      conversations.change(id, { title: "x" }, "other"),
      conversations.messages(id, "other"),
      conversations.append(id, user("hi"), "other"),
      conversations.remove(id, "other"),
      conversations.erase(id, "other"),
      conversations.restore(id, "other"),
      conversations.export({ id }, "other"),
      conversations.title(id, { force: true }, { owner: "other" }, new AbortController().signal),
      conversations.append(id, { ...user("hi"), parentId: foreign.id }, me),
      conversations
        .chat(id, { content: "hi", model: "tiny" }, { owner: "other" }, new AbortController().signal)
        [Symbol.asyncIterator]()
        .next(),
    ])
      await expect(refused).rejects.toEqual(code("not-found"))
    expect(await conversations.list({}, "other")).toMatchObject([{ id: theirs }])
    expect(await conversations.get(id, me)).toMatchObject({ messageCount: 0, title: "" })
  })

  test("messages follow one another, branches share a parent, the first begins", async () => {
    const { id } = await conversations.create({}, me)
    const first = await conversations.append(id, user("a"), me)
    const second = await conversations.append(id, user("b"), me)
    const branch = await conversations.append(id, { ...user("c"), parentId: first.id, state: "partial" }, me)
    const root = await conversations.append(id, { ...user("d"), parentId: null }, me)
    expect([first, second, branch, root].map((it) => it.parentId)).toEqual([null, first.id, first.id, null])
    expect(await world.reopen().messages(id, me)).toEqual([first, second, branch, root])
    expect(branch).toMatchObject({ conversationId: id, state: "partial", model: null, usage: null })
    expect((await conversations.get(id, me)).messageCount).toBe(4)
    await expect(conversations.append(id, { ...user("e"), parentId: "x" }, me)).rejects.toEqual(
      code("not-found"),
    )
  })

  test("the title is the first words of the user, until one is given", async () => {
    const { id } = await conversations.create({}, me)
    await conversations.append(id, { message: { role: "assistant", content: "Welcome." } }, me)
    expect((await conversations.get(id, me)).title).toBe("")
    await conversations.append(id, user("Where do\nwe walk?"), me)
    await conversations.append(id, user("And when?"), me)
    expect((await conversations.get(id, me)).title).toBe("Where do we walk?")
    expect(await conversations.change(id, { title: "Walks" }, me)).toMatchObject({
      title: "Walks",
      messageCount: 3,
    })
    expect((await conversations.change(id, { model: "tiny" }, me)).title).toBe("Walks")
    expect((await conversations.change(id, { title: "" }, me)).title).toBe("Where do we walk?")
  })

  test("a title has n characters, not n + 1", async () => {
    const { id } = await conversations.create({ title: "x".repeat(CONVERSATION_LIMITS.titleLength) }, me)
    const title = "x".repeat(CONVERSATION_LIMITS.titleLength + 1)
    for (const refused of [conversations.create({ title }, me), conversations.change(id, { title }, me)])
      await expect(refused).rejects.toMatchObject({ code: "bad-request", details: { field: "title" } })
  })

  test("a message and a system text have n bytes, not n + 1", async () => {
    const room = CONVERSATION_LIMITS.messageBytes
    const overhead = JSON.stringify(user("").message).length
    const { id } = await conversations.create({ system: "x".repeat(room) }, me)
    await conversations.append(id, user("x".repeat(room - overhead)), me)
    for (const refused of [
      conversations.append(id, user("x".repeat(room - overhead + 1)), me),
      conversations.change(id, { system: "x".repeat(room + 1) }, me),
    ])
      await expect(refused).rejects.toEqual(code("body-too-large"))
    expect((await conversations.get(id, me)).messageCount).toBe(1)
  })

  test("a conversation has n messages, not n + 1; all of them go at once", async () => {
    const { id } = await conversations.create({}, me)
    fill(id, CONVERSATION_LIMITS.messages - 1)
    const turn = conversations.chat(id, { content: "x", model: "tiny" }, {}, new AbortController().signal)
    await expect(turn[Symbol.asyncIterator]().next()).rejects.toEqual(code("bad-request"))
    await conversations.append(id, user("last"), me)
    await expect(conversations.append(id, user("more"), me)).rejects.toMatchObject({
      code: "bad-request",
      hint: "Begin a new conversation.",
    })
    await conversations.erase(id, me)
    expect(world.database.all("SELECT id FROM message")).toEqual([])
  })

  test("what is erased is gone, from the file too", async () => {
    const { id } = await conversations.create({ title: "a very private title" }, me)
    await conversations.append(id, user("a very private question about xylophones"), me)
    await conversations.erase(id, me)
    expect(world.forgotten).toEqual([{ type: "label", label: id }])
    await expect(conversations.get(id, me)).rejects.toEqual(code("not-found"))
    expect(world.database.all("SELECT id FROM message")).toEqual([])
    for (const end of ["", "-wal"]) {
      const bytes = await readFile(`${world.file}${end}`)
      // The index of the search holds words, so one is looked for alone.
      for (const text of ["private title", "private question", "xylophones", "phones"])
        expect(bytes.includes(text)).toBe(false)
    }
  })
})

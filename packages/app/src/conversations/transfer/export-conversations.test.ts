import type { ExportFormat } from "@fireside/protocol"
import fc from "fast-check"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld } from "../conversations.fixture.ts"

let world: ConversationWorld
beforeEach(async () => {
  world = await createConversationWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const me = "local"
const write = async (id: string | null, format: ExportFormat) => {
  const { pieces, ...file } = await world.conversations.export({ id, format }, me)
  return { ...file, text: await whole(pieces) }
}

async function walk(title = "A walk: to «Zürich»/../x"): Promise<string> {
  const { id } = await world.conversations.create({ title, system: "Be brief.\nPlease." }, me)
  const question = await world.conversations.append(id, { message: { role: "user", content: "Where?" } }, me)
  await world.conversations.append(
    id,
    { message: { role: "assistant", content: "Old" }, parentId: question.id },
    me,
  )
  const toolCalls = [{ callId: "c", name: "look", arguments: '{"a":"```"}' }]
  await world.conversations.append(
    id,
    {
      message: { role: "assistant", content: "By the **lake**.", reasoning: "near\nwater", toolCalls },
      parentId: question.id,
      state: "partial",
      model: "tiny",
    },
    me,
  )
  return id
}

test("Markdown: the branch that ends last, as it was written", async () => {
  const { name, contentType, text } = await write(await walk(), "markdown")
  expect({ name, contentType }).toEqual({
    name: "chat-A-walk-to-Zu-rich-x-2026-01-01.md",
    contentType: "text/markdown; charset=utf-8",
  })
  expect(text).toMatchInlineSnapshot(`
    "# A walk: to «Zürich»/../x

    *2026-01-01*

    **System**

    > Be brief.
    > Please.

    ## You

    Where?

    ## Assistant (tiny)

    > near
    > water

    By the **lake**.

    **look**

    \`\`\`\`
    {"a":"\`\`\`"}
    \`\`\`\`

    *(broken off)*
    "
  `)
})

test("HTML: complete, escaped, nothing to load or to run", async () => {
  const { name, text } = await write(await walk("<b>"), "html")
  expect(name).toBe("chat-b-2026-01-01.html")
  expect(text).toMatch(/^<!doctype html>\n/)
  expect(text).toContain("<title>&lt;b&gt;</title>")
  expect(text).toContain("By the **lake**.")
  expect(text).not.toContain("Old")
  expect(text).toContain("default-src 'none'")
})

test("HTML: whatever is said, only our own tags are there", async () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "<script>alert(1)</script>",
      '"><img src=x onerror=a()>',
      "</title><script>",
      "&lt;script&gt;",
      "<!--",
      "]]>",
    ),
  )
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (title, said, model) => {
      const { id } = await world.conversations.create({ title: title.slice(0, 100), system: said }, me)
      const message = { role: "assistant" as const, content: said, reasoning: said }
      await world.conversations.append(id, { message, model }, me)
      const { text } = await write(id, "html")
      const tags = new Set([...text.matchAll(/<([^\s>]*)/g)].map(([, tag]) => tag))
      const ours =
        "!doctype html head meta title /title style /style /head body article h1 /h1 time /time h2 /h2 div /div /article /body /html"
      for (const tag of tags) expect(ours.split(" ")).toContain(tag)
      await world.conversations.erase(id, me)
    }),
  )
})

test("all of them: one after the other, without the trash", async () => {
  await walk("first")
  await walk("second")
  await world.conversations.remove(await walk("third"), me)
  const { name, text } = await write(null, "markdown")
  expect(name).toBe("chats-2026-01-01.md")
  expect([...text.matchAll(/^# .*/gm)].map(([line]) => line)).toEqual(["# first", "# second"])
  const html = (await write(null, "html")).text
  expect(html.match(/<article>/g)).toHaveLength(2)
  expect(JSON.parse((await write(null, "json")).text)).toMatchObject([
    { format: "fireside-conversation", version: 1, conversation: { title: "first" }, messages: [{}, {}, {}] },
    { conversation: { title: "second" } },
  ])
})

test("nothing is a file too; one that is not there is not", async () => {
  expect(JSON.parse((await write(null, "json")).text)).toEqual([])
  await expect(write("x", "json")).rejects.toMatchObject({ code: "not-found" })
  const { id } = await world.conversations.create({ title: "" }, me)
  expect(await write(id, "markdown")).toMatchObject({
    name: "chat-2026-01-01.md",
    text: "# Conversation\n\n*2026-01-01*\n",
  })
})

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = ""
  for await (const piece of pieces) text += piece
  return text
}

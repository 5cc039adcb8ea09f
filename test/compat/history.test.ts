// The history of conversations through the real server and the typed client: two devices that stay in step, files out and in, and a server that
// stops although somebody follows.
import { type Client, type ConversationEvent, createClient } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ServedApp, serveApp } from "./served-app.ts"

let served: ServedApp
let client: Client
beforeEach(async () => {
  served = await serveApp()
  client = createClient({ baseUrl: served.url, fetch: globalThis.fetch })
})
afterEach(() => served[Symbol.asyncDispose]())

async function next(events: AsyncIterator<ConversationEvent>): Promise<ConversationEvent> {
  const { value, done } = await events.next()
  if (done === true) throw new Error("the stream ended")
  return value
}

test("what one device changes, the other is told", async () => {
  const leaving = new AbortController()
  const there = client.conversations.changes(leaving.signal)[Symbol.asyncIterator]()
  expect(await next(there)).toEqual({ type: "ready" })
  const { id } = await client.conversations.create({ title: "a" })
  expect(await next(there)).toMatchObject({ type: "changed", id })
  // As the terminal does it, beside the server.
  await served.app.conversations.change(id, { pinned: true }, "local")
  expect(await next(there)).toMatchObject({ type: "changed", id })
  await client.conversations.remove(id)
  expect(await next(there)).toMatchObject({ type: "changed", id })
  expect(await client.conversations.list({ trash: true })).toMatchObject([{ id }])
  await client.conversations.remove(id, { forever: true })
  expect(await next(there)).toMatchObject({ type: "removed", id })
  leaving.abort()
  await expect(next(there)).rejects.toThrow()
})

test("followers take no place of those who ask, and do not hold up the end of the server", async () => {
  const followers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const events = client.conversations.changes()[Symbol.asyncIterator]()
      expect(await next(events)).toEqual({ type: "ready" })
      return events
    }),
  )
  const { id } = await client.conversations.create({ title: "a", model: "echo" })
  const answer: string[] = []
  for await (const event of client.conversations.chat(id, { content: "hello" }))
    if (event.type === "text-delta") answer.push(event.text)
  expect(answer.join("")).not.toBe("")
  const ended = Promise.allSettled(
    followers.map(async (events) => {
      for (;;) await next(events)
    }),
  )
  await served.server.stop()
  expect((await ended).map((it) => it.status === "rejected" && it.reason.code)).toEqual(
    followers.map(() => "network-failed"),
  )
}, 8_000)

test("a file goes out of one computer and into another", async () => {
  const { id } = await client.conversations.create({
    title: "Walks",
    model: "echo",
    folder: "F",
    tags: ["t"],
  })
  for await (const _ of client.conversations.chat(id, { content: "hello there" }));
  await using elsewhere = await serveApp()
  const other = createClient({ baseUrl: elsewhere.url, fetch: globalThis.fetch })
  const file: unknown = JSON.parse(await client.conversations.export(null, "json"))
  expect(await other.conversations.import(file)).toEqual({ imported: 1, skipped: 0, reasons: [] })
  expect(await other.conversations.get(id)).toEqual(await client.conversations.get(id))
  expect(await other.conversations.messages(id)).toEqual(await client.conversations.messages(id))
  expect(await other.conversations.search("hel")).toMatchObject([
    { conversation: { id } },
    { conversation: { id } },
  ])
  expect(await client.conversations.export(id, "markdown")).toContain("## You\n\nhello there\n")
})

test("a downloaded page is a file to keep, not a page of the server", async () => {
  const { id } = await client.conversations.create({ title: "<script>alert(1)</script>" })
  const url = `${served.url}/api/fireside/v1/conversations/${id}/export?format=html`
  const answer = await fetch(url)
  expect(answer.headers.get("content-disposition")).toMatch(
    /^attachment; filename="chat-script-alert-1-script-[\d-]+\.html"$/,
  )
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff")
  expect(await answer.text()).not.toContain("<script")
})

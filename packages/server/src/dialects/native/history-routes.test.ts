import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import { type Database, openDatabase } from "@fireside/host"
import { createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import type { Conversation, KeySummary } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Caller } from "../../caller.ts"
import type { Reply } from "../../route.ts"
import { callRoute, type RouteCall, readFrames } from "../../testing.ts"
import { nativeRoutes } from "./routes.ts"

let home: TemporaryHome
let database: Database
let fake: FakeApp
beforeEach(async () => {
  home = await createTemporaryHome()
  database = await openDatabase(home.paths)
  fake = await createFakeApp({ database })
})
afterEach(async () => {
  await fake[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})

const call = (path: string, rest: Omit<RouteCall, "path"> = {}) =>
  callRoute(nativeRoutes, fake.app, { ...rest, path: `/api/fireside/v1/conversations${path}` })
const body = (reply: Reply): unknown => (reply.type === "json" ? reply.body : reply.type)
async function make(change: object = {}, caller?: Caller): Promise<Conversation> {
  const reply = await call("", { body: change, ...(caller === undefined ? {} : { caller }) })
  // `callRoute` has compared the reply with the route's schema.
  return body(reply) as Conversation
}
const guest: Caller = {
  owner: "key-1",
  scopes: ["chat"],
  key: { id: "key-1", name: "guest", models: ["mine"], scopes: ["chat"] } as unknown as KeySummary,
}
const list = async (query: string) => (body(await call(query)) as Conversation[]).map((it) => it.title)

test("pins, folders, tags and the trash, as the query says", async () => {
  const { id } = await make({ title: "a" })
  await make({ title: "b", tags: ["x"] })
  await call(`/${id}`, { method: "PATCH", body: { pinned: true, folder: "F" } })
  expect(await list("?pinned=true")).toEqual(["a"])
  expect(await list("?folder=F&tag=x")).toEqual([])
  expect(await list("?folder=")).toEqual(["b"])
  expect(body(await call("/labels"))).toEqual({
    folders: [{ name: "F", count: 1 }],
    tags: [{ name: "x", count: 1 }],
  })
  expect(body(await call(`/${id}`, { method: "DELETE" }))).toBe("empty")
  expect(await list("")).toEqual(["b"])
  expect(await list("?trash=true")).toEqual(["a"])
  expect(body(await call(`/${id}/restore`, { method: "POST" }))).toMatchObject({ trashedAt: null })
  await call(`/${id}?forever=true`, { method: "DELETE" })
  await expect(call(`/${id}`)).rejects.toMatchObject({ code: "not-found" })
  const other = await make({ title: "c" })
  await call(`/${other.id}`, { method: "DELETE" })
  expect(body(await call("/empty-trash", { method: "POST" }))).toEqual({ removed: 1 })
  expect(await list("?trash=true")).toEqual([])
  for (const query of ["?trash=maybe", "?pinned=1", `?tag=${"x".repeat(41)}`])
    await expect(call(query), query).rejects.toMatchObject({ code: "bad-request" })
})

test("a search is the caller's own", async () => {
  await make({ title: "apple pie" })
  await make({ title: "apple cake" }, guest)
  const hits = body(await call("/search?query=appl&limit=5"))
  expect(hits).toMatchObject([
    {
      conversation: { title: "apple pie" },
      messageId: null,
      snippet: { text: "apple pie", matches: [{ start: 0, end: 5 }] },
    },
  ])
  expect(body(await call("/search?query=apple", { caller: guest }))).toHaveLength(1)
  await expect(call("/search")).rejects.toMatchObject({ code: "bad-request", details: { field: "query" } })
})

test("changes are events, the first of which comes at once", async () => {
  const leaving = new AbortController()
  const reply = await call("/changes", { signal: leaving.signal })
  const text = readFrames(reply)
  const { id, updatedAt } = await make({ title: "a" })
  await make({ title: "theirs" }, guest)
  leaving.abort()
  expect(await text).toBe(
    `event: ready\ndata: {"type":"ready"}\n\nevent: changed\ndata: ${JSON.stringify({ type: "changed", id, updatedAt })}\n\n`,
  )
})

test("a file goes out and comes in", async () => {
  const { id } = await make({ title: "a / b" })
  await call(`/${id}/messages`, { body: { message: { role: "user", content: "hi" } } })
  const reply = await call("/export?format=json")
  if (reply.type !== "file") throw new Error(`a ${reply.type} reply`)
  expect(reply).toMatchObject({
    name: "chats-2026-01-01.json",
    contentType: "application/json; charset=utf-8",
  })
  const file = Buffer.from(await whole(reply.pieces))
  expect(await call(`/${id}/export`)).toMatchObject({ type: "file", name: "chat-a-b-2026-01-01.md" })
  expect(await call(`/${id}/export?format=html`)).toMatchObject({ contentType: "text/html; charset=utf-8" })
  const headers = { "content-type": "application/json" }
  const into = (rest: Omit<RouteCall, "path">) => call("/import", { method: "POST", body: file, ...rest })
  expect(body(await into({ headers }))).toMatchObject({ imported: 0, skipped: 1 })
  expect(body(await into({ headers, caller: guest }))).toEqual({ imported: 1, skipped: 0, reasons: [] })
  await expect(into({ headers: { "content-type": "text/plain" } })).rejects.toMatchObject({
    code: "unsupported-media-type",
  })
  await expect(call("/export?format=pdf")).rejects.toMatchObject({ code: "bad-request" })
})

test("a title is written with models that the key may use", async () => {
  const { id } = await make({ model: "tiny:latest" })
  await call(`/${id}/messages`, { body: { message: { role: "user", content: "hi" } } })
  expect(body(await call(`/${id}/title`, { body: {} }))).toMatchObject({ id, title: expect.any(String) })
  const theirs = await make({ model: "tiny:latest" }, guest)
  for (const [chat, wish] of [
    [theirs.id, {}],
    [(await make({ model: "mine" }, guest)).id, { model: "tiny:latest" }],
  ] as const)
    await expect(call(`/${chat}/title`, { body: wish, caller: guest })).rejects.toMatchObject({
      code: "forbidden",
    })
})

test("nobody reaches another's", async () => {
  const { id } = await make({ title: "secret" })
  for (const [method, path] of [
    ["POST", "restore"],
    ["POST", "title"],
    ["GET", "export"],
  ] as const)
    await expect(
      call(`/${id}/${path}`, {
        method,
        caller: guest,
        ...(method === "POST" ? { body: { model: "mine" } } : {}),
      }),
      path,
    ).rejects.toMatchObject({ code: "not-found" })
  await expect(call(`/${id}?forever=true`, { method: "DELETE", caller: guest })).rejects.toMatchObject({
    code: "not-found",
  })
})

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = ""
  for await (const piece of pieces) text += piece
  return text
}

import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import { type Database, openDatabase } from "@fireside/host"
import { createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import type { StoredPrompt } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { callRoute, type RouteCall } from "../../testing.ts"
import { keyOf } from "./call-native.fixture.ts"
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

async function call(path: string, rest: Omit<RouteCall, "path"> = {}): Promise<unknown> {
  const reply = await callRoute(nativeRoutes, fake.app, { ...rest, path: `/api/fireside/v1/${path}` })
  return reply.type === "json" ? reply.body : reply.type
}

test("kept, listed, changed and removed, each caller's own", async () => {
  const made = (await call("prompts", { body: { name: " a ", text: "one" } })) as StoredPrompt
  expect(made).toMatchObject({ name: "a", text: "one" })
  expect(await call("prompts")).toEqual([made])
  const caller = keyOf(["chat"])
  expect(await call("prompts", { caller })).toEqual([])
  const change = { method: "PATCH", body: { text: "two" } } as const
  await expect(call(`prompts/${made.id}`, { ...change, caller })).rejects.toMatchObject({ code: "not-found" })
  expect(await call(`prompts/${made.id}`, change)).toMatchObject({ name: "a", text: "two" })
  expect(await call(`prompts/${made.id}`, { method: "DELETE" })).toBe("empty")
  expect(await call("prompts")).toEqual([])
})

test.each([
  { name: "", text: "x" },
  { name: "a" },
  { name: "a".repeat(81), text: "x" },
  { name: "a", text: "" },
])("what is no prompt is refused: %j", async (body) => {
  await expect(call("prompts", { body })).rejects.toMatchObject({ code: "bad-request" })
})

test("ending a temporary chat that nobody knows does no harm", async () => {
  expect(await call("temporary-chats/none", { method: "DELETE" })).toBe("empty")
})

test("with how much context a model could be loaded", async () => {
  const choices = (await call("models/tiny/contexts")) as { contextLength: number; fits: boolean }[]
  expect(choices.length).toBeGreaterThan(0)
  const lengths = choices.map(({ contextLength }) => contextLength)
  expect(lengths).toEqual([...lengths].sort((one, other) => one - other))
})

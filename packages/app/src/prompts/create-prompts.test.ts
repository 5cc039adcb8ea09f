import { type Database, openDatabase } from "@fireside/host"
import { createFakeClock, createTemporaryHome, type FakeClock } from "@fireside/host/testing"
import { PROMPT_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createPrompts } from "./create-prompts.ts"
import type { Prompts } from "./prompts.ts"

let clock: FakeClock
let database: Database
let cleanUp: AsyncDisposableStack
let hasDatabase = true
const open = (): Prompts =>
  createPrompts({
    clock,
    database: async () => database,
    hasDatabase: async () => hasDatabase,
    prepareHome: async () => {},
  })
beforeEach(async () => {
  clock = createFakeClock()
  hasDatabase = true
  cleanUp = new AsyncDisposableStack()
  const home = cleanUp.use(await createTemporaryHome())
  database = cleanUp.use(await openDatabase(home.paths))
})
afterEach(() => cleanUp.disposeAsync())

const code = (code: string) => expect.objectContaining({ code })

test("what is kept is there in another process, by name, whatever the case of its letters", async () => {
  const prompts = open()
  await prompts.create({ name: "translate", text: "Into French:" }, "local")
  await prompts.create({ name: "Proofread", text: "Find the mistakes." }, "local")
  expect((await open().list("local")).map(({ name, text }) => [name, text])).toEqual([
    ["Proofread", "Find the mistakes."],
    ["translate", "Into French:"],
  ])
})

test("a change keeps what it does not name, and says when it was", async () => {
  const prompts = open()
  const made = await prompts.create({ name: "a", text: "one" }, "local")
  clock.advance(1_000)
  const changed = await prompts.change(made.id, { text: "two" }, "local")
  expect(changed).toEqual({ ...made, text: "two", updatedAt: "2026-01-01T00:00:01.000Z" })
  expect(await prompts.list("local")).toEqual([changed])
  expect(await prompts.change(made.id, { name: "A" }, "local")).toMatchObject({ name: "A", text: "two" })
})

test("a name is given once to each owner", async () => {
  const prompts = open()
  const first = await prompts.create({ name: "a", text: "one" }, "local")
  await prompts.create({ name: "a", text: "another's" }, "key-1")
  await expect(prompts.create({ name: "A", text: "two" }, "local")).rejects.toEqual(code("already-exists"))
  await prompts.create({ name: "b", text: "two" }, "local")
  await expect(prompts.change(first.id, { name: "B" }, "local")).rejects.toEqual(code("already-exists"))
})

test("another owner's is as if it were not there", async () => {
  const prompts = open()
  const { id } = await prompts.create({ name: "a", text: "one" }, "local")
  expect(await prompts.list("key-1")).toEqual([])
  await expect(prompts.change(id, { text: "mine" }, "key-1")).rejects.toEqual(code("not-found"))
  await expect(prompts.remove(id, "key-1")).rejects.toEqual(code("not-found"))
  await prompts.remove(id, "local")
  expect(await prompts.list("local")).toEqual([])
  await expect(prompts.remove(id, "local")).rejects.toEqual(code("not-found"))
})

test("there is an end to it, and a look makes no database", async () => {
  const prompts = open()
  database.run(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO prompt SELECT 'p' || i, 'local', 'p' || i, 'x', '', '' FROM n`,
    PROMPT_LIMITS.prompts,
  )
  await expect(prompts.create({ name: "one more", text: "x" }, "local")).rejects.toEqual(code("bad-request"))
  hasDatabase = false
  expect(await open().list("local")).toEqual([])
  await expect(open().change("p1", {}, "local")).rejects.toEqual(code("not-found"))
})

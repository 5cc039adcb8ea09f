import { type Database, openDatabase } from "@fireside/host"
import { createFakeClock, createTemporaryHome, type FakeClock } from "@fireside/host/testing"
import { CONVERSATION_LIMITS, type Message } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createResponses } from "./create-responses.ts"
import type { StoredResponses } from "./stored-responses.ts"

let clock: FakeClock
let database: Database
let responses: StoredResponses
let cleanUp: AsyncDisposableStack
const open = (): StoredResponses =>
  createResponses({
    clock,
    database: async () => database,
    hasDatabase: async () => true,
    prepareHome: async () => {},
  })
beforeEach(async () => {
  clock = createFakeClock()
  cleanUp = new AsyncDisposableStack()
  const home = cleanUp.use(await createTemporaryHome())
  database = cleanUp.use(await openDatabase(home.paths))
  responses = open()
})
afterEach(() => cleanUp.disposeAsync())

const messages: readonly Message[] = [
  { role: "user", content: "hi" },
  { role: "assistant", content: "hello", reasoning: "greet" },
]
const code = (code: string) => expect.objectContaining({ code })
const save = (id: string, owner = "local"): Promise<void> =>
  responses.save({ id, previousId: null, messages, body: { id } }, owner)

describe("stored responses", () => {
  test("one that was saved comes back the same, also in another process", async () => {
    await responses.save({ id: "resp_1", previousId: "resp_0", messages, body: { id: "resp_1" } }, "local")
    expect(await open().get("resp_1", "local")).toEqual({
      id: "resp_1",
      previousId: "resp_0",
      createdAt: "2026-01-01T00:00:00.000Z",
      messages,
      body: { id: "resp_1" },
    })
  })

  test("another owner's is as if it were not there", async () => {
    await save("resp_1")
    await expect(responses.get("resp_1", "other")).rejects.toEqual(code("not-found"))
    await expect(responses.remove("resp_1", "other")).rejects.toEqual(code("not-found"))
    expect(await responses.get("resp_1", "local")).toMatchObject({ id: "resp_1" })
  })

  test("a removed one is gone", async () => {
    await save("resp_1")
    await responses.remove("resp_1", "local")
    await expect(responses.get("resp_1", "local")).rejects.toEqual(code("not-found"))
    await expect(responses.remove("resp_1", "local")).rejects.toEqual(code("not-found"))
  })

  test("at n all are kept, at n + 1 the owner's oldest goes, and no other owner's", async () => {
    await save("other", "other")
    database.transaction(() => {
      for (let count = 0; count < CONVERSATION_LIMITS.responses - 1; count += 1)
        database.run(
          "INSERT INTO response VALUES (?, 'local', NULL, ?, '[]', 'null')",
          ...[`resp_${count}`, new Date(clock.now() - 1_000 + count / 10).toISOString()],
        )
    })
    await save("n")
    expect(await responses.get("resp_0", "local")).toMatchObject({ id: "resp_0" })
    await save("n + 1")
    await expect(responses.get("resp_0", "local")).rejects.toEqual(code("not-found"))
    for (const kept of ["resp_1", "n", "n + 1"])
      expect(await responses.get(kept, "local")).toMatchObject({ id: kept })
    expect(await responses.get("other", "other")).toMatchObject({ id: "other" })
  })

  test("old ones are not given any more, and go when the next is saved", async () => {
    await save("old", "other")
    clock.advance(CONVERSATION_LIMITS.responseAgeMs)
    expect(await responses.get("old", "other")).toMatchObject({ id: "old" })
    clock.advance(1)
    await expect(responses.get("old", "other")).rejects.toEqual(code("not-found"))
    await save("new")
    expect(database.all("SELECT id FROM response")).toEqual([{ id: "new" }])
  })

  test("looking for one makes no database", async () => {
    const nowhere = createResponses({
      clock,
      database: () => Promise.reject(new Error("opened")),
      hasDatabase: async () => false,
      prepareHome: async () => {},
    })
    await expect(nowhere.get("resp_1", "local")).rejects.toEqual(code("not-found"))
    await expect(nowhere.remove("resp_1", "local")).rejects.toEqual(code("not-found"))
  })
})

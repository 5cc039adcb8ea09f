import type { Erased, StorageReport } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { OWNER } from "../../caller.ts"
import { createNativeWorld, keyOf, type NativeWorld } from "./call-native.fixture.ts"

const ERASED: Erased = { conversations: 2, responses: 1, prompts: 0, models: 0, freedModelBytes: 0, kept: [] }
const REPORT: StorageReport = {
  home: "/data",
  totalBytes: 5,
  diskFreeBytes: 10,
  places: [{ kind: "models", path: "/data/models", files: 1, bytes: 5 }],
  database: { conversations: 1, messages: 2, responses: 0, prompts: 0, keys: 0, ledgerEntries: 0 },
}

let wishes: unknown[]
let world: NativeWorld
beforeEach(async () => {
  wishes = []
  world = await createNativeWorld({
    storage: async () => REPORT,
    async erase(wish) {
      wishes.push(wish)
      return ERASED
    },
  })
})
afterEach(() => world[Symbol.asyncDispose]())

test("what is stored where", async () => {
  expect(await world.call("storage")).toMatchObject({ body: REPORT })
})

test("what the machine does now", async () => {
  await world.app.load({ model: "tiny" }, {}, new AbortController().signal)
  expect(await world.call("activity")).toMatchObject({
    body: {
      processorShare: null,
      processors: 2,
      queue: { running: 0, waiting: 0 },
      models: [{ name: "tiny:latest", streams: 0, queued: 0, memoryBytes: 3, tokensPerSecond: null }],
    },
  })
})

describe("erasing", () => {
  const erase = (body: object, caller = OWNER) => world.call("erase", { body, caller })

  test("is of the caller, whoever the body might name", async () => {
    expect(await erase({ confirm: "erase", owner: "local" }, keyOf(["chat"]))).toMatchObject({ body: ERASED })
    await erase({ confirm: "erase", models: true })
    expect(wishes).toEqual([
      { owner: "key-1", models: false },
      { owner: "local", models: true },
    ])
  })

  test("wants the word, and the right for models", async () => {
    for (const body of [{}, { confirm: true }, { confirm: "Erase" }])
      await expect(erase(body)).rejects.toMatchObject({ details: { field: "confirm" } })
    const all = { confirm: "erase", models: true }
    for (const caller of [keyOf(["chat", "models"]), keyOf(["admin"], ["tiny"])])
      await expect(erase(all, caller)).rejects.toMatchObject({ code: "forbidden" })
    expect(wishes).toEqual([])
  })
})

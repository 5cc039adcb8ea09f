import type { Prefixes } from "@fireside/app"
import { AppError, type PrefixStatus, REQUEST_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createNativeWorld, type NativeWorld } from "./call-native.fixture.ts"

const STATUS: PrefixStatus = {
  diskBytes: 100,
  memoryBytes: 50,
  usedBytes: 10,
  models: [{ model: "tiny:latest", prefixes: 1, tokens: 3, bytes: 10 }],
  pins: [{ name: "rules.txt", model: "tiny:latest", tokens: 3, bytes: 10 }],
}

let asked: unknown[]
let world: NativeWorld
beforeEach(async () => {
  asked = []
  const prefixes: Prefixes = {
    status: async () => STATUS,
    async clear(wish) {
      asked.push(wish)
      return { files: 1, bytes: 10 }
    },
    async pin(wish) {
      asked.push(wish)
      return { name: wish.name, model: "tiny:latest", tokens: 3, bytes: 10 }
    },
    async unpin(name) {
      if (name !== "rules.txt") throw new AppError("not-found", { message: `Nothing is pinned as ${name}.` })
      asked.push(name)
    },
    endTemporary: async () => {},
    forget: async () => {},
    forgetGone: async () => {},
  }
  world = await createNativeWorld({ prefixes })
})
afterEach(() => world[Symbol.asyncDispose]())

test("what is kept", async () => {
  expect(await world.call("prefixes")).toMatchObject({ body: STATUS })
})

test("clearing everything, one model's, pinned ones too", async () => {
  for (const body of [{}, { model: "tiny" }, { model: "tiny", pinned: true }])
    expect(await world.call("prefixes/clear", { body })).toMatchObject({ body: { files: 1, bytes: 10 } })
  expect(asked).toEqual([{}, { model: "tiny" }, { model: "tiny", pinned: true }])
  await expect(world.call("prefixes/clear", { body: { pinned: "yes" } })).rejects.toMatchObject({
    details: { field: "pinned" },
  })
  await expect(world.call("prefixes/clear", { body: { model: "" } })).rejects.toMatchObject({
    details: { field: "model" },
  })
})

test("a text is pinned and let go, by a name that is escaped", async () => {
  const pin = { model: "tiny", name: "rules.txt", text: "Be brief." }
  expect(await world.call("prefixes/pins", { body: pin })).toMatchObject({ body: { name: "rules.txt" } })
  expect(await world.call("prefixes/pins/rules%2Etxt", { method: "DELETE" })).toMatchObject({ status: 204 })
  expect(asked).toEqual([pin, "rules.txt"])
  await expect(world.call("prefixes/pins/a%2Fb", { method: "DELETE" })).rejects.toMatchObject({
    code: "not-found",
  })
})

test.each([
  ["model", { name: "a", text: "b" }],
  ["name", { model: "tiny", name: "", text: "b" }],
  ["text", { model: "tiny", name: "a" }],
  ["text", { model: "tiny", name: "a", text: "x".repeat(REQUEST_LIMITS.countedPromptBytes + 1) }],
])("a pin whose `%s` is wrong is refused by name", async (field, body) => {
  await expect(world.call("prefixes/pins", { body })).rejects.toMatchObject({ details: { field } })
  expect(asked).toEqual([])
})

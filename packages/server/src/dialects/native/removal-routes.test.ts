import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createNativeWorld, keyOf, type NativeWorld } from "./call-native.fixture.ts"

let world: NativeWorld
beforeEach(async () => {
  world = await createNativeWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

describe("a removal", () => {
  test("can be taken back", async () => {
    const until = "2026-01-02T00:00:00.000Z"
    expect(await world.call("models/tiny%3Alatest", { method: "DELETE" })).toMatchObject({
      body: { freedBytes: 0, held: { bytes: 1_000_000, until } },
    })
    expect(await world.call("models")).toMatchObject({ body: [] })
    expect(await world.call("removed-models")).toMatchObject({
      body: [{ name: "tiny:latest", restorableUntil: until }],
    })
    expect(await world.call("models/restore", { body: { name: "tiny" } })).toMatchObject({
      body: { name: "tiny:latest" },
    })
    expect(await world.call("models")).toMatchObject({ body: [{ name: "tiny:latest" }] })
    await expect(world.call("models/restore", { body: { name: "tiny" } })).rejects.toMatchObject({
      code: "not-found",
    })
  })

  test("is for good when that is said", async () => {
    const reply = await world.call("models/tiny?forGood=true", { method: "DELETE" })
    expect(reply).toMatchObject({ body: { freedBytes: 1_000_000 } })
    expect(await world.call("removed-models")).toMatchObject({ body: [] })
  })

  test("of what is loaded elsewhere, of what is not there, and of a file is refused by name", async () => {
    await world.registry.register(
      {
        name: "tiny:latest",
        digest: "",
        sizeBytes: 1,
        processor: "CPU",
        contextLength: 1,
        expiresAt: null,
        pid: 9,
        streams: 0,
        queued: 0,
        path: "/models/tiny:latest",
      },
      () => {},
    )
    const remove = (name: string) => world.call(`models/${encodeURIComponent(name)}`, { method: "DELETE" })
    await expect(remove("tiny")).rejects.toMatchObject({ code: "model-in-use", details: { pid: 1 } })
    await expect(remove("nobody")).rejects.toMatchObject({ code: "model-not-found" })
    await expect(remove("/etc/passwd")).rejects.toMatchObject({ details: { field: "name" } })
    await expect(world.call("models/tiny?forGood=yes", { method: "DELETE" })).rejects.toMatchObject({
      code: "bad-request",
      details: { field: "forGood" },
    })
  })

  test("is for a key only of its own models", async () => {
    const caller = keyOf(["models"], ["mine"])
    await expect(world.call("models/tiny", { method: "DELETE", caller })).rejects.toMatchObject({
      code: "forbidden",
    })
    await world.call("models/tiny", { method: "DELETE" })
    expect(await world.call("removed-models", { caller })).toMatchObject({ body: [] })
    await expect(world.call("models/restore", { body: { name: "tiny" }, caller })).rejects.toMatchObject({
      code: "forbidden",
    })
  })
})

describe("a second name", () => {
  test("is given", async () => {
    expect(await world.call("models/tiny/copy", { body: { to: "mine" } })).toMatchObject({ status: 204 })
    expect([...world.library.models.keys()]).toEqual(["tiny:latest", "mine"])
  })

  test("takes no model's place, and is no path", async () => {
    const copy = (to: unknown) => world.call("models/tiny/copy", { body: { to } })
    await expect(copy("Tiny")).rejects.toMatchObject({ code: "already-exists" })
    await expect(copy("../up.gguf")).rejects.toMatchObject({ details: { field: "to" } })
    await expect(copy("")).rejects.toMatchObject({ details: { field: "to" } })
    await expect(copy(7)).rejects.toMatchObject({ details: { field: "to" } })
    expect([...world.library.models.keys()]).toEqual(["tiny:latest"])
  })
})

import type { Settings } from "@fireside/app"
import { AppError, type Setting } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createNativeWorld, keyOf, type NativeWorld } from "./call-native.fixture.ts"

const setting = (key: string, change: Partial<Setting> = {}): Setting => ({
  key,
  value: null,
  source: "default",
  description: "What it is.",
  shape: { type: "text", maxLength: 10 },
  accepts: "text",
  defaultValue: null,
  secret: false,
  changedBy: "admin",
  needsRestart: false,
  ...change,
})
const ALL = [
  setting("threads"),
  setting("host", { changedBy: "owner" }),
  setting("pipCommand", { changedBy: "terminal" }),
]

let saved: [string, string][]
let world: NativeWorld
beforeEach(async () => {
  saved = []
  const settings: Settings = {
    path: "/config.json",
    list: async () => ALL,
    async get(key) {
      const found = ALL.find((it) => it.key === key)
      if (found === undefined) throw new AppError("not-found", { message: `There is no setting ${key}.` })
      return found
    },
    async set(key, value) {
      if (value === "many")
        throw new AppError("bad-config", { message: "It cannot be many.", hint: "It takes a number." })
      saved.push([key, value])
      return setting(key, { value, needsRestart: true })
    },
  }
  world = await createNativeWorld({ settings })
})
afterEach(() => world[Symbol.asyncDispose]())

const put = (key: string, value: unknown, caller = keyOf(["admin"])) =>
  world.call(`settings/${key}`, { method: "PUT", body: { value }, caller })

describe("settings", () => {
  test("are listed with what a form needs", async () => {
    expect(await world.call("settings")).toMatchObject({ body: ALL })
  })

  test("are changed by a text, a number, yes or no; null takes the change back", async () => {
    expect(await put("threads", 3)).toMatchObject({ body: { key: "threads", needsRestart: true } })
    await put("threads", "4")
    await put("threads", true)
    await put("threads", null)
    expect(saved).toEqual([
      ["threads", "3"],
      ["threads", "4"],
      ["threads", "true"],
      ["threads", ""],
    ])
  })

  test("that open the machine are its owner's, and those that run programs the terminal's", async () => {
    await expect(put("host", "0.0.0.0")).rejects.toMatchObject({ code: "forbidden" })
    await expect(put("pipCommand", "evil")).rejects.toMatchObject({
      code: "forbidden",
      hint: expect.stringContaining("fireside config set pipCommand"),
    })
    const owned = (key: string) => world.call(`settings/${key}`, { method: "PUT", body: { value: "x" } })
    expect(await owned("host")).toMatchObject({ body: { value: "x" } })
    await expect(owned("pipCommand")).rejects.toMatchObject({ code: "forbidden" })
    expect(saved).toEqual([["host", "x"]])
  })

  test("wrong keys and values are the client's mistake, by name", async () => {
    await expect(put("nothing", 1)).rejects.toMatchObject({ code: "not-found" })
    await expect(put("threads", "many")).rejects.toMatchObject({
      code: "bad-request",
      hint: "It takes a number.",
      details: { field: "value" },
    })
    await expect(put("threads", [1])).rejects.toMatchObject({ code: "bad-request" })
    await expect(world.call("settings/threads", { method: "PUT", body: {} })).rejects.toMatchObject({
      code: "bad-request",
    })
    expect(saved).toEqual([])
  })
})

describe("allowed hosts", () => {
  test("the owner adds one and takes it away again", async () => {
    expect(await world.call("allowed-hosts", { body: { host: "hub.example" } })).toMatchObject({
      body: { lock: "ask", allowedHosts: ["hub.example"] },
    })
    const remove = () =>
      world.call("allowed-hosts/hub.example", { method: "DELETE", caller: keyOf(["admin"]) })
    expect(await remove()).toMatchObject({ body: { allowedHosts: [] } })
    await expect(remove()).rejects.toMatchObject({ code: "not-found" })
  })

  test("a key opens nothing, and what is no host is none", async () => {
    const allow = (host: unknown, caller?: ReturnType<typeof keyOf>) =>
      world.call("allowed-hosts", { body: { host }, ...(caller === undefined ? {} : { caller }) })
    await expect(allow("hub.example", keyOf(["admin"]))).rejects.toMatchObject({ code: "forbidden" })
    for (const host of ["", "*", "https://hub.example", "hub.example:443", "a b", "-x", "x".repeat(254)])
      await expect(allow(host), host).rejects.toMatchObject({ details: { field: "host" } })
    expect(await world.call("lock")).toMatchObject({ body: { allowedHosts: [] } })
  })
})

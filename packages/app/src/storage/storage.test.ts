// What lies where, and taking it away, on a real folder with a real database.
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { writePrefixFile } from "@fireside/engine/testing"
import { type Database, layoutOf, openDatabase } from "@fireside/host"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { LOCAL_OWNER } from "../app.ts"
import { createFakeApp, type FakeApp, fakeStored } from "../testing.ts"

let world: FakeApp
let database: Database
beforeEach(async () => {
  let later: Database | undefined
  // The folder is the fake's own, so the database is opened in it afterwards.
  world = await createFakeApp({
    database: new Proxy({} as Database, {
      get: (_, name) => Reflect.get(later as object, name) as unknown,
    }),
  })
  database = await openDatabase(layoutOf(world.home))
  later = database
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

async function put(path: string, bytes: number): Promise<void> {
  const full = join(world.home, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, "x".repeat(bytes))
}

async function converse(owner: string): Promise<string> {
  const { conversations } = world.app
  const { id } = await conversations.create({ title: "Secret" }, owner)
  await conversations.append(id, { message: { role: "user", content: "CANARY" } }, owner)
  await conversations.append(id, { message: { role: "assistant", content: "Yes." } }, owner)
  await world.app.prompts.create({ name: "Secret", text: "CANARY" }, owner)
  await world.app.responses.save({ id: `r-${owner}`, previousId: null, messages: [], body: {} }, owner)
  return id
}

describe("what is stored where", () => {
  test("every file is counted once, by its kind", async () => {
    await put("models/blobs/sha256-a", 1_000)
    await put("models/manifests/local/library/tiny/latest.json", 10)
    await put("models/downloads/x/part", 20)
    await put("cache/kv/m/one.kv", 30)
    await put("logs/fireside.log", 40)
    await put("chats/holiday.json", 50)
    await put("history", 60)
    await put("run/last-model", 70)
    await put("outside", 1)
    await symlink("/etc/passwd", join(world.home, "logs", "link"))
    await converse("local")
    const report = await world.app.storage()
    const bytes = Object.fromEntries(report.places.map((place) => [place.kind, place.bytes]))
    expect(bytes).toMatchObject({
      models: 1_010,
      downloads: 20,
      prefixes: 30,
      logs: 40,
      "saved-chats": 50,
      "terminal-history": 60,
      other: 71,
    })
    expect(bytes.database).toBeGreaterThan(4_000)
    expect(report.totalBytes).toBe(report.places.reduce((sum, place) => sum + place.bytes, 0))
    expect(report.places.find(({ kind }) => kind === "prefixes")?.path).toBe(join(world.home, "cache/kv"))
    expect(report.database).toMatchObject({ conversations: 1, messages: 2, responses: 1, keys: 0 })
  })
})

describe("erasing", () => {
  test("takes what is the owner's, in the files too, and leaves the rest", async () => {
    const mine = await converse("key-1")
    const other = await converse("key-2")
    const { prefixes } = layoutOf(world.home)
    await writePrefixFile(prefixes, { identity: "m", owner: "key-1" })
    await writePrefixFile(prefixes, { identity: "m", owner: "local", label: mine })
    await writePrefixFile(prefixes, { identity: "m", owner: "key-2" })
    await writePrefixFile(prefixes, { identity: "m", label: "pin:rules", pinned: true })
    await put("chats/holiday.json", 50)
    await put("history", 60)
    expect(await world.app.erase({ owner: "key-1" })).toEqual({
      conversations: 1,
      responses: 1,
      prompts: 1,
      models: 0,
      freedModelBytes: 0,
      kept: [],
    })
    expect(await world.app.conversations.list({}, "key-1")).toEqual([])
    await expect(world.app.responses.get("r-key-1", "key-1")).rejects.toMatchObject({ code: "not-found" })
    expect(await world.app.prompts.list("key-1")).toEqual([])
    expect(await world.app.prompts.list("key-2")).toHaveLength(1)
    expect(await world.app.conversations.messages(other, "key-2")).toHaveLength(2)
    expect(
      (await readdir(prefixes, { recursive: true })).filter((name) => name.endsWith(".kv")),
    ).toHaveLength(2)
    expect(await readdir(world.home)).toEqual(expect.arrayContaining(["chats", "history"]))
  })

  test("of the owner of the machine takes what the terminal keeps, and the backups", async () => {
    await converse(LOCAL_OWNER)
    await put("chats/holiday.json", 50)
    await put("history", 60)
    await put("backups/0001.db", 70)
    await writePrefixFile(layoutOf(world.home).prefixes, { identity: "m", label: "pin:rules", pinned: true })
    await world.app.erase({ owner: LOCAL_OWNER })
    const left = await world.app.storage()
    const kinds = left.places.map(({ kind }) => kind)
    for (const kind of ["saved-chats", "terminal-history", "backups", "prefixes"] as const)
      expect(kinds).not.toContain(kind)
    expect(left.database).toMatchObject({ conversations: 0, messages: 0, responses: 0, prompts: 0 })
    for (const name of await readdir(world.home))
      if (name.startsWith("fireside.db"))
        expect(await readFile(join(world.home, name), "latin1"), name).not.toContain("CANARY")
  })

  test("models go only when that is said; what is in use is named, other programs' are left", async () => {
    const elsewhere = fakeStored({ name: "other:1b" })
    world.library.models.set("other:1b", {
      ...elsewhere,
      summary: { ...elsewhere.summary, inPlace: true },
    })
    world.library.models.set("busy:1b", fakeStored({ name: "busy:1b" }))
    await world.registry.register(
      {
        name: "busy:1b",
        digest: "",
        sizeBytes: 1,
        processor: "CPU",
        contextLength: 1,
        expiresAt: null,
        pid: 9,
        streams: 0,
        queued: 0,
        path: "/models/busy:1b",
      },
      () => {},
    )
    await world.app.erase({ owner: LOCAL_OWNER })
    expect(world.library.models.size).toBe(3)
    expect(await world.app.erase({ owner: LOCAL_OWNER, models: true })).toMatchObject({
      models: 1,
      freedModelBytes: 1_000_000,
      kept: [{ name: "busy:1b", message: expect.stringContaining("loaded by process") }],
    })
    expect([...world.library.models.keys()]).toEqual(["other:1b", "busy:1b"])
  })
})

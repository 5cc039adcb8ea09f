import { readFile } from "node:fs/promises"
import { openDatabase, SILENT_LOG } from "@fireside/host"
import { createFakeClock, createTemporaryHome, type FakeClock } from "@fireside/host/testing"
import { KEY_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createKeys, type OpenKeys } from "./create-keys.ts"

let clock: FakeClock
let keys: OpenKeys
let cleanUp: AsyncDisposableStack
let file = ""
const reopen = async (): Promise<void> => {
  const home = cleanUp.use(await createTemporaryHome())
  const database = cleanUp.use(await openDatabase(home.paths))
  file = home.paths.database
  keys = createKeys({
    clock,
    log: SILENT_LOG,
    database: async () => database,
    hasDatabase: async () => true,
    prepareHome: async () => {},
  })
}
beforeEach(async () => {
  clock = createFakeClock(Date.UTC(2026, 0, 1, 12))
  cleanUp = new AsyncDisposableStack()
  await reopen()
})
afterEach(() => cleanUp.disposeAsync())

const code = (code: string) => expect.objectContaining({ code })

describe("keys", () => {
  test("the key is shown once, works, and only its hash is on the disk", async () => {
    const made = await keys.create({ name: "phone" })
    expect(made.key).toMatch(/^fs-[\w-]{43}$/)
    expect(made).toMatchObject({
      name: "phone",
      scopes: ["chat", "embed"],
      models: null,
      prefix: made.key.slice(0, 7),
    })
    expect(await keys.authenticate(made.key)).toMatchObject({ id: made.id, name: "phone" })
    expect(JSON.stringify(await keys.list())).not.toContain(made.key)
    for (const end of ["", "-wal"])
      expect((await readFile(`${file}${end}`)).includes(made.key.slice(8))).toBe(false)
  })

  test("others are not let in: another key, another form, a cut one", async () => {
    const { key } = await keys.create({ name: "phone" })
    const last = key.endsWith("A") ? "B" : "A"
    for (const wrong of [
      `${key.slice(0, -1)}${last}`,
      key.slice(0, -1),
      `${key}x`,
      "",
      "fs-",
      key.toUpperCase(),
    ])
      expect(await keys.authenticate(wrong)).toBeUndefined()
  })

  test("a revoked key is out at once, by id or name, and only that one", async () => {
    const one = await keys.create({ name: "one" })
    const two = await keys.create({ name: "two" })
    expect((await keys.revoke("one")).revokedAt).not.toBeNull()
    expect(await keys.authenticate(one.key)).toBeUndefined()
    expect(await keys.authenticate(two.key)).toBeDefined()
    await keys.revoke(two.id)
    expect(await keys.any()).toBe(false)
    await expect(keys.revoke("three")).rejects.toEqual(code("not-found"))
  })

  test("a name is used once among valid keys, and again after that", async () => {
    const old = await keys.create({ name: "phone" })
    await expect(keys.create({ name: "phone" })).rejects.toEqual(code("already-exists"))
    await keys.revoke("phone")
    const made = await keys.create({ name: "phone" })
    expect((await keys.revoke("phone")).id).toBe(made.id)
    expect(made.id).not.toBe(old.id)
  })

  test("what is no key is refused by its field", async () => {
    await expect(keys.create({ name: "" })).rejects.toEqual(code("bad-request"))
    await expect(keys.create({ name: "x".repeat(KEY_LIMITS.nameLength + 1) })).rejects.toEqual(
      code("bad-request"),
    )
    await expect(keys.create({ name: "x".repeat(KEY_LIMITS.nameLength) })).resolves.toBeDefined()
    const odd = { name: "y", scopes: ["root"] } as unknown as Parameters<OpenKeys["create"]>[0]
    await expect(keys.create(odd)).rejects.toMatchObject({
      code: "bad-request",
      details: { field: "scopes.0" },
    })
  })

  test("requests a minute: n, then n + 1 waits, and time brings them back", async () => {
    const { id } = await keys.create({ name: "phone", requestsPerMinute: 3 })
    for (let at = 0; at < 3; at += 1) await keys.admit(id)
    await expect(keys.admit(id)).rejects.toMatchObject({
      code: "rate-limited",
      details: { retryAfterSeconds: 20 },
    })
    clock.advance(20_000)
    await keys.admit(id)
    await expect(keys.admit(id)).rejects.toEqual(code("rate-limited"))
  })

  test("tokens a day: until they are used up, anew tomorrow, and kept over a restart", async () => {
    const { id, key } = await keys.create({ name: "phone", tokensPerDay: 100 })
    await keys.spend(id, 99)
    await keys.admit(id)
    await keys.spend(id, 1)
    await expect(keys.admit(id)).rejects.toMatchObject({
      code: "rate-limited",
      details: { retryAfterSeconds: 12 * 3_600 },
    })
    expect((await keys.authenticate(key))?.tokensToday).toBe(100)
    await keys[Symbol.asyncDispose]()
    expect((await keys.list())[0]?.tokensToday).toBe(100)
    clock.advance(12 * 3_600_000)
    await keys.admit(id)
    expect((await keys.authenticate(key))?.tokensToday).toBe(0)
  })

  test("spending never throws", async () => {
    await expect(keys.spend("nobody", 5)).resolves.toBeUndefined()
  })

  test("use is noted once a minute", async () => {
    const { key } = await keys.create({ name: "phone" })
    await keys.authenticate(key)
    const first = (await keys.list())[0]?.lastUsedAt
    clock.advance(59_000)
    await keys.authenticate(key)
    expect((await keys.list())[0]?.lastUsedAt).toBe(first)
    clock.advance(1_000)
    await keys.authenticate(key)
    expect((await keys.list())[0]?.lastUsedAt).not.toBe(first)
  })
})

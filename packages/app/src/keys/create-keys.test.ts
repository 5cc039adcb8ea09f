import { readFile } from "node:fs/promises"
import type { ForgetWish } from "@fireside/engine"
import { type Database, openDatabase, SILENT_LOG } from "@fireside/host"
import { createFakeClock, createTemporaryHome, type FakeClock } from "@fireside/host/testing"
import { AppError, KEY_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createKeys, type OpenKeys } from "./create-keys.ts"
import { createKeyTable } from "./key-table.ts"

let clock: FakeClock
let keys: OpenKeys
let database: Database
/** Thrown by every write, while it is set. */
let writeFailure: AppError | undefined
let cleanUp: AsyncDisposableStack
let file = ""
let forgotten: ForgetWish[] = []
const reopen = async (): Promise<void> => {
  const home = cleanUp.use(await createTemporaryHome())
  database = cleanUp.use(await openDatabase(home.paths))
  file = home.paths.database
  const parts = {
    clock,
    log: SILENT_LOG,
    database: async () => ({
      ...database,
      run(...statement: Parameters<Database["run"]>) {
        if (writeFailure !== undefined) throw writeFailure
        return database.run(...statement)
      },
    }),
    hasDatabase: async () => true,
    prepareHome: async () => {},
  } satisfies Parameters<typeof createKeys>[0]
  keys = createKeys(parts, async (wish) => void forgotten.push(wish))
}
beforeEach(async () => {
  clock = createFakeClock(Date.UTC(2026, 0, 1, 12))
  writeFailure = undefined
  forgotten = []
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
    expect(forgotten).toEqual([one, two].map(({ id }) => ({ type: "owner", owner: id })))
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

  test("a disk that is full lets nobody out: who was valid stays so", async () => {
    const { id, key } = await keys.create({ name: "phone" })
    writeFailure = new AppError("disk-full", { message: "No room." })
    expect(await keys.authenticate(key)).toMatchObject({ id })
  })

  test("tokens that could not be written are written later", async () => {
    const { id } = await keys.create({ name: "phone" })
    await keys.spend(id, 5)
    writeFailure = new AppError("held", { message: "Busy." })
    await expect(keys[Symbol.asyncDispose]()).rejects.toEqual(code("held"))
    writeFailure = undefined
    await keys.spend(id, 2)
    await keys[Symbol.asyncDispose]()
    expect(createKeyTable(database).tokens(id, "2026-01-01")).toBe(7)
  })

  test("what was spent before midnight is yesterday's", async () => {
    const { id, key } = await keys.create({ name: "phone" })
    clock.advance(12 * 3_600_000 - 500)
    await keys.spend(id, 5)
    clock.setWallClock(Date.UTC(2026, 0, 2))
    expect((await keys.authenticate(key))?.tokensToday).toBe(0)
    // The user sets the clock back: nothing is counted twice or forgotten.
    clock.setWallClock(Date.UTC(2026, 0, 1, 23))
    expect((await keys.authenticate(key))?.tokensToday).toBe(5)
    await keys[Symbol.asyncDispose]()
    expect(createKeyTable(database).tokens(id, "2026-01-01")).toBe(5)
  })

  describe("how many there may be", () => {
    const fill = (count: number, revokedAt: string | null): void => {
      const rules = { scopes: ["chat" as const], models: null, requestsPerMinute: null, tokensPerDay: null }
      const table = createKeyTable(database)
      const times = { createdAt: "2026-01-01T00:00:00.000Z", lastUsedAt: null, revokedAt: null }
      database.transaction(() => {
        for (let at = 0; at < count; at += 1) {
          const id = `${revokedAt === null ? "valid" : "revoked"}-${at}`
          table.insert({ id, name: id, prefix: "fs-xxxx", rules, ...times }, id)
          if (revokedAt !== null) table.revoke(id, revokedAt)
        }
      })
    }

    test("the last one is made, one more is refused by name", async () => {
      fill(KEY_LIMITS.keys - 1, null)
      await keys.create({ name: "phone" })
      await expect(keys.create({ name: "editor" })).rejects.toMatchObject({
        code: "bad-request",
        hint: expect.stringContaining("key revoke"),
      })
    })

    test("revoked ones take no place, and the oldest of them go", async () => {
      fill(KEY_LIMITS.keys + 1, "2025-01-01T00:00:00.000Z")
      const { id } = await keys.create({ name: "phone" })
      const listed = await keys.list()
      expect(listed).toHaveLength(KEY_LIMITS.keys + 1)
      expect(listed[0]?.id).toBe(id)
      expect(listed.some((it) => it.id === "revoked-0")).toBe(false)
    })
  })

  test("a name that is another key's id is a name like others", async () => {
    const { id } = await keys.create({ name: "phone" })
    await keys.revoke(id)
    await keys.create({ name: id })
    await expect(keys.create({ name: id })).rejects.toEqual(code("already-exists"))
  })
})

import { openDatabase } from "@fireside/host"
import { createTemporaryHome } from "@fireside/host/testing"
import { expect, test } from "vitest"
import { call } from "../testing.ts"

test("made, listed without the key, revoked", async () => {
  await using home = await createTemporaryHome()
  await using database = await openDatabase(home.paths)
  const parts = { database }
  const made = await call(
    ["key", "create", "--name", "phone", "--scope", "chat,embed", "--scope", "models"],
    { parts },
  )
  expect(made.exitCode).toBe(0)
  expect(made.out).toMatch(/^fs-[\w-]{43}\n$/)
  expect(made.err).toContain("only time")
  const machine = await call(["key", "create", "--name", "anna", "--model", "smollm2:135m", "--json"], {
    parts,
  })
  expect(JSON.parse(machine.out)).toMatchObject({
    key: expect.stringMatching(/^fs-/),
    prefix: expect.any(String),
    scopes: ["chat", "embed"],
    models: ["smollm2:135m"],
  })
  const listed = await call(["key", "list"], { parts })
  expect(listed.out).toMatch(/anna +fs-.{4}… +chat,embed +smollm2:135m +0 +never\n/)
  expect(listed.out).not.toContain(made.out.trim())
  expect((await call(["key", "revoke", "phone"], { parts })).err).toContain("phone")
  const keys = JSON.parse((await call(["key", "list", "--json"], { parts })).out) as {
    revokedAt: string | null
  }[]
  expect(keys.map((it) => it.revokedAt !== null)).toEqual([false, true])
})

test("wrong calls are said", async () => {
  await using home = await createTemporaryHome()
  await using database = await openDatabase(home.paths)
  const parts = { database }
  expect(await call(["key", "create"], { parts })).toMatchObject({ exitCode: 2 })
  const scope = await call(["key", "create", "--name", "x", "--scope", "root"], { parts })
  expect(scope).toMatchObject({ exitCode: 2, err: expect.stringContaining("chat, embed, models, admin") })
  const unknown = await call(["key", "revoke", "nobody"], { parts })
  expect(unknown).toMatchObject({ exitCode: 1, err: expect.stringContaining("nobody") })
})

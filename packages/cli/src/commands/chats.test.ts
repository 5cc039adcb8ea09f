import { readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type Database, openDatabase } from "@fireside/host"
import { createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { call } from "../testing.ts"

let home: TemporaryHome
let database: Database
let folder = ""
beforeEach(async () => {
  home = await createTemporaryHome()
  database = await openDatabase(home.paths)
  folder = home.paths.home
  await writeFile(
    join(folder, "claude.json"),
    JSON.stringify([chat("1", "Walks", "Where do we walk?"), chat("2", "Soup", "Which soup?")]),
  )
  await chats("import", join(folder, "claude.json"))
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})

const chat = (uuid: string, name: string, text: string) => ({
  uuid,
  name,
  updated_at: "2025-01-01T00:00:00Z",
  chat_messages: [{ uuid: `${uuid}-1`, sender: "human", text }],
})
const chats = (...words: string[]) => call(["chats", ...words], { parts: { database, home: folder } })
const titles = async (...words: string[]) =>
  (JSON.parse((await chats("list", "--json", ...words)).out) as { title: string }[]).map((it) => it.title)

test("list, search, show", async () => {
  const listed = await chats("list")
  expect(listed.out).toMatch(/^ID +TITLE +MESSAGES +USED\n/)
  expect(listed.out).toMatch(/[0-9a-f]{8} +Soup +1 +1 year ago/)
  expect(await titles("--limit", "1")).toEqual(["Soup"])
  expect(await titles("--pinned")).toEqual([])
  expect((await chats("list", "--folder", "x")).err).toBe("There are no such chats.\n")
  expect((await chats("search", "where", "wal")).out).toMatch(/Walks +Where do we walk\?/)
  expect((await chats("search", "nothing")).err).toContain("Nothing fits")
  expect((await chats("show", "walks")).out).toBe("# Walks\n\n*2025-01-01*\n\n## You\n\nWhere do we walk?\n")
  const [id = ""] = /[0-9a-f]{8}/.exec(listed.out) ?? []
  expect((await chats("show", id)).out).toContain("# Soup")
  expect(JSON.parse((await chats("show", "Walks", "--json")).out)).toMatchObject({
    title: "Walks",
    messages: [{}],
  })
})

test("out into a file for this user alone, and in again", async () => {
  const file = join(folder, "all.json")
  expect(await chats("export", "--format", "json", "--output", file)).toMatchObject({ exitCode: 0, out: "" })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(file, "utf8"))).toHaveLength(2)
  expect((await chats("export", "Soup", "--format", "html")).out).toMatch(/^<!doctype html>/)
  const again = await chats("import", file)
  expect(again.err).toContain("0 chats came in.\n2 chats did not:\n")
  expect(again.err).toContain("Soup: It is here already")
  await chats("rm", "Walks", "Soup", "--forever", "--yes")
  expect((await chats("import", file)).err).toBe("✓ 2 chats came in.\n")
})

test("into the trash, out of it, and away", async () => {
  expect((await chats("rm", "Walks")).err).toBe("Walks is in the trash.\n")
  expect(await titles()).toEqual(["Soup"])
  expect(await titles("--trash")).toEqual(["Walks"])
  expect((await chats("restore", "walks")).err).toBe("Walks is back.\n")
  expect(await chats("rm", "Walks", "--forever")).toMatchObject({
    exitCode: 78,
    err: expect.stringContaining("--yes"),
  })
  await chats("rm", "Walks")
  expect((await chats("empty-trash", "--yes")).err).toBe("1 chat deleted.\n")
  expect(await titles("--trash")).toEqual([])
})

test("wrong calls are said, and nothing is done by halves", async () => {
  expect(await chats("rm", "Soup", "Nobody")).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining("Nobody"),
  })
  expect(await titles()).toContain("Soup")
  expect(await chats("export", "--format", "pdf")).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("markdown, json, html"),
  })
  expect((await chats("import", join(folder, "none.json"))).err).toContain("There is no file")
  expect((await chats("export", "--output", join(folder, "none", "x.md"))).err).toContain(
    "cannot be written (ENOENT)",
  )
  await writeFile(join(folder, "twice.json"), JSON.stringify([chat("3", "Soup", "Again soup")]))
  await chats("import", join(folder, "twice.json"))
  expect(await chats("show", "Soup")).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("2 chats are called"),
  })
})

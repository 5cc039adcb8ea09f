import { fork, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import Sqlite from "better-sqlite3"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createTemporaryHome, type TemporaryHome } from "../testing.ts"
import { MIGRATIONS } from "./migrations.ts"
import { openDatabase } from "./open-database.ts"

let home: TemporaryHome
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

const FIXTURES = new URL("./fixtures/", import.meta.url)

/** Tables and indexes of a file, spaces made equal. */
function schemaOf(path: string): Record<string, string> {
  const connection = new Sqlite(path, { readonly: true })
  const rows = connection
    .prepare("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .all() as { name: string; sql: string }[]
  connection.close()
  return Object.fromEntries(rows.map(({ name, sql }) => [name, sql.replaceAll(/\s+/g, " ")]))
}

function makeFile(sql: string): void {
  const connection = new Sqlite(home.paths.database)
  connection.exec(sql)
  connection.close()
}

test("a new file has rights 0600, also its side files, and its commits are synchronised", async () => {
  await using database = await openDatabase(home.paths)
  database.run("INSERT INTO allowed_host VALUES (?, ?)", "example.org", "now")
  for (const suffix of ["", "-wal", "-shm"])
    expect(statSync(home.paths.database + suffix).mode & 0o777).toBe(0o600)
  expect(database.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" })
  expect(database.get("PRAGMA synchronous")).toEqual({ synchronous: 2 })
  expect(readdirSync(home.paths.backups)).toEqual([])
})

test("a second opening finds everything done", async () => {
  {
    await using first = await openDatabase(home.paths)
    first.run("INSERT INTO allowed_host VALUES (?, ?)", "example.org", "now")
  }
  await using second = await openDatabase(home.paths)
  expect(second.all<{ host: string }>("SELECT host FROM allowed_host")).toEqual([{ host: "example.org" }])
  expect(readdirSync(home.paths.backups)).toEqual([])
})

test("every migration has a fixture", () => {
  const names = readdirSync(FIXTURES).map((name) => name.replace(/\.sql$/, ""))
  expect(names.sort()).toEqual(MIGRATIONS.map((migration) => migration.name))
  expect(MIGRATIONS.map(({ name }) => name).sort()).toEqual(MIGRATIONS.map(({ name }) => name))
})

describe.each(MIGRATIONS.map(({ name }, index) => ({ name, index })))(
  "the released schema $name",
  ({ name, index }) => {
    test("becomes the newest one, keeps its rows, and was copied before", async () => {
      await using fresh = await createTemporaryHome()
      await (await openDatabase(fresh.paths))[Symbol.asyncDispose]()
      makeFile(readFileSync(new URL(`${name}.sql`, FIXTURES), "utf8"))
      {
        await using database = await openDatabase(home.paths)
        expect(database.get("SELECT count(*) AS count FROM ledger")).toEqual({ count: 1 })
        expect(database.get("SELECT lock FROM privacy_state")).toEqual({ lock: "allow-list" })
        expect(database.get("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" })
      }
      expect(schemaOf(home.paths.database)).toEqual(schemaOf(fresh.paths.database))
      const backups = readdirSync(home.paths.backups)
      if (index === MIGRATIONS.length - 1) return expect(backups).toEqual([])
      expect(backups).toEqual([expect.stringMatching(new RegExp(`^fireside-.*-${name}\\.db$`))])
      const copy = join(home.paths.backups, backups[0] ?? "")
      expect(statSync(copy).mode & 0o777).toBe(0o600)
      const connection = new Sqlite(copy, { readonly: true })
      expect(connection.prepare("SELECT reason FROM ledger").get()).toEqual({
        reason: "download smollm2:135m",
      })
      connection.close()
    })
  },
)

test("a schema of a newer build is refused by name, and nothing is changed", async () => {
  await (await openDatabase(home.paths))[Symbol.asyncDispose]()
  makeFile("INSERT INTO kysely_migration VALUES ('9999-from-the-future', '2030-01-01')")
  await expect(openDatabase(home.paths)).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("9999-from-the-future"),
  })
  expect(readdirSync(home.paths.backups)).toEqual([])
})

test("a step that fails leaves the schema as it was, and the next try works", async () => {
  await (await openDatabase(home.paths))[Symbol.asyncDispose]()
  const before = schemaOf(home.paths.database)
  const good = { name: "9001-good", statements: ["CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT"] }
  const bad = { name: "9002-bad", statements: ["CREATE TABLE more (id INTEGER) STRICT", "CREATE NONSENSE"] }
  await expect(openDatabase(home.paths, { migrations: [...MIGRATIONS, good, bad] })).rejects.toThrow(/syntax/)
  expect(schemaOf(home.paths.database)).toEqual(before)
  await using database = await openDatabase(home.paths, { migrations: [...MIGRATIONS, good] })
  expect(database.all("SELECT * FROM extra")).toEqual([])
})

const hasStrace = spawnSync("strace", ["-V"]).status === 0

// strace kills the process at a system call; the next N until one run is not killed any more.
test.skipIf(!hasStrace)(
  "killed at any synchronisation of a migration, the next start finishes it (needs strace)",
  // A new process for each of them, each beneath strace.
  { timeout: 180_000 },
  async () => {
    const module = JSON.stringify(new URL("./open-database.ts", import.meta.url).href)
    const script = `const { openDatabase } = await import(${module})
    await (await openDatabase(JSON.parse(process.argv[1])))[Symbol.asyncDispose]()`
    let kills = 0
    for (let when = 1; ; when += 1) {
      await using place = await createTemporaryHome()
      const connection = new Sqlite(place.paths.database)
      connection.exec(readFileSync(new URL("0001-privacy.sql", FIXTURES), "utf8"))
      connection.close()
      const inject = `inject=fsync,fdatasync:signal=KILL:when=${when}`
      const { status } = spawnSync("strace", [
        ...["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject],
        ...[process.execPath, "--input-type=module", "-e", script, JSON.stringify(place.paths)],
      ])
      await using database = await openDatabase(place.paths)
      expect(database.get("SELECT reason FROM ledger")).toEqual({ reason: "download smollm2:135m" })
      expect(database.all("SELECT * FROM job")).toEqual([])
      expect(database.get("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" })
      if (status === 0) break
      kills += 1
    }
    expect(kills).toBeGreaterThan(2)
  },
)

test("five copies stay", async () => {
  for (let count = 0; count < 8; count += 1) {
    const extra = Array.from({ length: count }, (_, index) => ({
      name: `900${index}-step`,
      statements: [`CREATE TABLE step_${index} (id INTEGER PRIMARY KEY) STRICT`],
    }))
    await (await openDatabase(home.paths, { migrations: [...MIGRATIONS, ...extra] }))[Symbol.asyncDispose]()
  }
  const copies = readdirSync(home.paths.backups)
  expect(copies).toHaveLength(5)
  expect(copies.sort().at(-1)).toMatch(/-9005-step\.db$/)
})

test("a damaged file is named", async () => {
  writeFileSync(
    home.paths.database,
    "this is not a database, though it is long enough to look like one".repeat(20),
  )
  await expect(openDatabase(home.paths)).rejects.toMatchObject({
    code: "corrupt-data",
    hint: expect.stringContaining("backups"),
  })
})

test("a transaction that throws leaves nothing behind", async () => {
  await using database = await openDatabase(home.paths)
  expect(() =>
    database.transaction(() => {
      database.run("INSERT INTO allowed_host VALUES ('a', 'now')")
      throw new Error("changed my mind")
    }),
  ).toThrow("changed my mind")
  expect(database.all("SELECT * FROM allowed_host")).toEqual([])
})

test("a writer that does not finish is waited for, then reported as held", async () => {
  await using database = await openDatabase(home.paths, { busyTimeoutMs: 20 })
  const other = new Sqlite(home.paths.database)
  other.exec("BEGIN IMMEDIATE")
  expect(() => database.transaction(() => {})).toThrow(expect.objectContaining({ code: "held" }))
  other.exec("COMMIT")
  other.close()
  expect(database.transaction(() => 5)).toBe(5)
})

test("processes that open a new file at once all get it, and their transactions do not lose one another's writes", async () => {
  const entry = join(home.paths.run, "writer.mjs")
  const module = JSON.stringify(new URL("./open-database.ts", import.meta.url).href)
  writeFileSync(
    entry,
    `const { openDatabase } = await import(${module})
     const database = await openDatabase(JSON.parse(process.argv[2]))
     for (let round = 0; round < 25; round += 1)
       database.transaction(() => {
         const { next } = database.get("SELECT coalesce(max(CAST(host AS INTEGER)), 0) + 1 AS next FROM allowed_host")
         database.run("INSERT INTO allowed_host VALUES (?, ?)", String(next), String(process.pid))
       })
     await database[Symbol.asyncDispose]()`,
  )
  const writers = [1, 2, 3].map(() => fork(entry, [JSON.stringify(home.paths)], { execArgv: [] }))
  const codes = await Promise.all(writers.map(async (writer) => (await once(writer, "exit"))[0]))
  expect(codes).toEqual([0, 0, 0])
  await using database = await openDatabase(home.paths)
  expect(
    database.get("SELECT count(*) AS count, max(CAST(host AS INTEGER)) AS last FROM allowed_host"),
  ).toEqual({
    count: 75,
    last: 75,
  })
})

import { type Database, openDatabase } from "@fireside/host"
import { createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { fakeBenchReport } from "../testing.ts"
import { createBenchTable } from "./bench-table.ts"

let home: TemporaryHome
let database: Database
beforeEach(async () => {
  home = await createTemporaryHome()
  database = await openDatabase(home.paths)
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})

test("what was added comes back as it was, newest first, of one file or of all", () => {
  const table = createBenchTable(database)
  const first = fakeBenchReport({ id: "1" })
  const other = fakeBenchReport({ id: "2", digest: "sha256:b", limit: null, isQuotable: false })
  table.add(first)
  table.add(other)
  expect(table.list()).toEqual([other, first])
  expect(table.list(first.digest)).toEqual([first])
  expect(table.list("sha256:c")).toEqual([])
})

test("the newest are kept, and not one more", () => {
  const table = createBenchTable(database, { kept: 2 })
  for (const id of ["1", "2"]) table.add(fakeBenchReport({ id }))
  expect(table.list().map(({ id }) => id)).toEqual(["2", "1"])
  table.add(fakeBenchReport({ id: "3" }))
  expect(table.list().map(({ id }) => id)).toEqual(["3", "2"])
})

test("a run that this version cannot read is left out", () => {
  const table = createBenchTable(database)
  table.add(fakeBenchReport())
  database.run("UPDATE bench_run SET report = ?", '{"id":"run-1"}')
  expect(table.list()).toEqual([])
})

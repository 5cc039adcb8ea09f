import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Database, layoutOf, openDatabase, SYSTEM_CLOCK } from "@fireside/host"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createLedger, type EntryClaim, type Ledger } from "./ledger.ts"

const claim: EntryClaim = {
  reason: "download tiny",
  feature: "pull",
  contentClass: "none",
  host: "hub.test",
  address: "8.8.8.8",
  port: 443,
  verdict: "sent",
  lock: "ask",
  detail: "",
}

let home = ""
let database: Database
let ledger: Ledger
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-ledger-"))
  database = await openDatabase(layoutOf(home))
  ledger = createLedger(database, SYSTEM_CLOCK)
  for (let index = 0; index < 4; index++) {
    const entry = ledger.append({ ...claim, reason: `download ${index}` })
    if (index !== 2) ledger.complete(entry, { bytesOut: 10, bytesIn: 100 + index, outcome: "done" })
  }
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

test("joins an entry with its end", () => {
  expect(ledger.list().map(({ seq, bytesIn }) => [seq, bytesIn])).toEqual([
    [1, 100],
    [2, 101],
    [3, 0],
    [4, 103],
  ])
  expect(ledger.last()).toMatchObject({ seq: 4, previousHash: ledger.list()[2]!.hash })
  expect(ledger.count()).toBe(4)
})

test("an untouched chain holds", () => expect(ledger.verify()).toBeNull())

describe("a chain that somebody touched does not hold", () => {
  test.each([
    ["an entry changed", "UPDATE ledger SET host = 'other.test' WHERE seq = 2", 2],
    ["a verdict changed", "UPDATE ledger SET verdict = 'blocked' WHERE seq = 3", 3],
    ["a byte count changed", "UPDATE ledger_completion SET bytes_out = 0 WHERE entry_seq = 2", 2],
    ["a completion dropped", "DELETE FROM ledger_completion WHERE entry_seq = 2", 3],
    ["the last completion dropped", "DELETE FROM ledger_completion WHERE entry_seq = 4", 2],
    ["an entry dropped", "DELETE FROM ledger WHERE seq = 3", 4],
    ["the end cut off", "DELETE FROM ledger WHERE seq = 4", 4],
    ["a lock state changed", "UPDATE ledger SET lock = 'locked' WHERE seq = 1", 1],
  ])("%s", (_, sql, seq) => {
    database.run("PRAGMA foreign_keys = OFF")
    database.run(sql)
    expect(ledger.verify()).toBe(seq)
  })
})

test("two connections write one chain", async () => {
  await using other = await openDatabase(layoutOf(home))
  const second = createLedger(other, SYSTEM_CLOCK)
  for (let index = 0; index < 10; index++) (index % 2 === 0 ? ledger : second).append(claim)
  expect(second.list().map(({ seq }) => seq)).toEqual(Array.from({ length: 14 }, (_, index) => index + 1))
  expect(second.verify()).toBeNull()
})

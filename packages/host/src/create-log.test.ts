import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createLog } from "./create-log.ts"
import { openRotatingFile } from "./rotating-file.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

let home: TemporaryHome
let path: string
beforeEach(async () => {
  home = await createTemporaryHome()
  path = join(home.paths.logs, "fireside.log")
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

const lines = (): Record<string, unknown>[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

test("lines are JSON with level, message, fields and what `with` carries; the file is this user's alone", async () => {
  const log = await createLog({ paths: home.paths })
  log.with({ job: "j1" }).with({ request: "r1" }).warn("careful", { count: 2 })
  expect(lines()).toEqual([
    expect.objectContaining({
      level: "warn",
      message: "careful",
      job: "j1",
      request: "r1",
      count: 2,
      pid: process.pid,
    }),
  ])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test("what is below the level is dropped", async () => {
  const log = await createLog({ paths: home.paths, level: "warn" })
  log.debug("a")
  log.info("b")
  log.warn("c")
  log.error("d")
  expect(lines().map((line) => line.message)).toEqual(["c", "d"])
})

test("an error has its stack; a line break in a text does not make a line", async () => {
  const log = await createLog({ paths: home.paths })
  log.error("bad\r\nINFO fake", { error: new TypeError("x\ny"), host: "a\nb" })
  const [line, ...rest] = lines()
  expect(rest).toEqual([])
  expect(line).toMatchObject({ message: "bad\r\nINFO fake", error: { type: "TypeError", message: "x\ny" } })
})

test("a file that has reached its size is put aside, and the oldest goes", () => {
  const file = openRotatingFile({ path, maxBytes: 10, kept: 2 })
  file.write("1234567\n") // 8 bytes: the next still goes here, and makes it 10
  file.write("a\n")
  expect(readdirSync(home.paths.logs)).toEqual(["fireside.log"])
  file.write("b\n")
  expect(readFileSync(path, "utf8")).toBe("b\n")
  expect(readFileSync(`${path}.1`, "utf8")).toBe("1234567\na\n")
  for (let round = 0; round < 5; round += 1) file.write("0123456789\n")
  expect(readdirSync(home.paths.logs).sort()).toEqual(["fireside.log", "fireside.log.1", "fireside.log.2"])
})

test("when the disk takes nothing lines wait in memory, bounded, and come later", () => {
  rmSync(home.paths.logs, { recursive: true })
  writeFileSync(home.paths.logs, "in the way")
  const file = openRotatingFile({ path, maxBytes: 1_000_000, kept: 1 })
  for (let line = 0; line < 1_001; line += 1) file.write(`${line}\n`)
  expect(file.unwritten()).toHaveLength(1_000)
  expect(file.unwritten()[0]).toBe("1\n")
  rmSync(home.paths.logs)
  file.write("last\n")
  expect(file.unwritten()).toHaveLength(0)
  const written = readFileSync(path, "utf8").split("\n")
  expect([written[0], written.at(-2)]).toEqual(["1", "last"])
})

test("a file that others could read is closed to them", () => {
  writeFileSync(path, "")
  chmodSync(path, 0o644)
  openRotatingFile({ path, maxBytes: 100, kept: 1 }).write("x\n")
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

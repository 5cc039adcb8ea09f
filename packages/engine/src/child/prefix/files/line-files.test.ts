import * as fs from "node:fs"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { LineStore } from "../parked-lines.ts"
import { type CacheKey, type FileCalls, openLineFiles } from "./line-files.ts"

const KEY: CacheKey = {
  model: "abc",
  libraryVersion: "1",
  systemInfo: "cpu",
  kvType: "f16",
  streams: 0,
  contextLength: 0,
}
const LINE = {
  tokens: [1, 2, 3, 500_000],
  exact: 0,
  adapterKey: "",
  owner: "ann",
  sharedTokens: 2,
  label: "chat-1",
  pinned: false,
  recomputeMs: 12.5,
}
const STATE = Uint8Array.from({ length: 400 }, (_, index) => index * 7)

let folder: string
let reports: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fireside-lines-"))
  reports = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function open(options: { key?: Partial<CacheKey>; budgetBytes?: number; calls?: FileCalls } = {}): LineStore {
  const { key, budgetBytes = 10_000, calls } = options
  return openLineFiles({
    folder,
    key: { ...KEY, ...key },
    budgetBytes,
    report: (message, details) => void reports.push(`${message} ${JSON.stringify(details)}`),
    now: () => Date.now(),
    ...(calls === undefined ? {} : { calls }),
  })
}

function onlyFile(): string {
  const [model = ""] = readdirSync(folder)
  const [name = ""] = readdirSync(join(folder, model))
  return join(folder, model, name)
}

test("what was written is read by the next process, owner and all", () => {
  const filed = open().write(LINE, STATE)
  const next = open()
  const { recomputeMs: _, ...line } = LINE
  expect(next.list()).toEqual([{ ...line, onDisk: true, id: filed?.id }])
  expect(next.read(filed?.id ?? "")).toEqual(STATE)
  expect(statSync(onlyFile()).mode & 0o777).toBe(0o600)
  expect(reports).toEqual([])
  next.remove(filed?.id ?? "")
  expect(open().list()).toEqual([])
})

test("a line without owner and label stays one", () => {
  open().write({ ...LINE, owner: undefined, label: undefined }, STATE)
  expect(open().list()).toMatchObject([{ owner: undefined, label: undefined }])
})

test.each([
  ["other weights", { model: "abd" }],
  ["another library", { libraryVersion: "2" }],
  ["another processor", { systemInfo: "cpu with wings" }],
  ["another cache type", { kvType: "q8_0" }],
  ["other streams", { streams: 4 }],
  ["a context of another length", { contextLength: 4_096 }],
])("%s find nothing, and take nothing away", (_, key) => {
  open().write(LINE, STATE)
  expect(open({ key }).list()).toEqual([])
  expect(open().list()).toHaveLength(1)
})

describe("a file that is not what was written is ignored, told once and removed", () => {
  const spoilers: readonly (readonly [string, (path: string) => void])[] = [
    ["empty", (path) => truncateSync(path, 0)],
    ["cut in the magic", (path) => truncateSync(path, 5)],
    ["cut in the header", (path) => truncateSync(path, 60)],
    ["cut in the state", (path) => truncateSync(path, statSync(path).size - 1)],
    [
      "longer than it says",
      (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0])])),
    ],
    ["a text", (path) => writeFileSync(path, "not a container at all, but a text of some length")],
    [
      "of a later version",
      (path) => {
        const bytes = readFileSync(path)
        bytes.writeUInt32LE(99, 8)
        writeFileSync(path, bytes)
      },
    ],
    [
      "with counts beyond all limits",
      (path) => {
        const bytes = readFileSync(path)
        bytes.writeUInt32LE(0xffff_ffff, 16)
        writeFileSync(path, bytes)
      },
    ],
    [
      "a folder",
      (path) => {
        rmSync(path)
        mkdirSync(path)
      },
    ],
  ]
  test.each(spoilers)("%s", (_, spoil) => {
    open().write(LINE, STATE)
    spoil(onlyFile())
    expect(open().list()).toEqual([])
    expect(reports).toHaveLength(1)
  })

  test("of another model under this one's name", () => {
    open().write(LINE, STATE)
    const bytes = readFileSync(onlyFile())
    open({ key: { model: "other" } }).write(LINE, STATE)
    for (const model of readdirSync(folder)) writeFileSync(join(folder, model, "x.kv"), bytes)
    expect(open().list()).toHaveLength(2)
    expect(open({ key: { model: "other" } }).list()).toHaveLength(1)
    expect(reports).toEqual([expect.stringContaining("other weights")])
  })

  test("any single byte", () => {
    const filed = open().write(LINE, STATE)
    const path = onlyFile()
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 0x10
      writeFileSync(path, bytes)
      const store = open()
      expect(store.list().length === 0 || store.read(filed?.id ?? "") === null).toBe(true)
    }
    expect(reports).toHaveLength(whole.length)
  })
})

test("the state of a file that was spoilt while it was known is not given out", () => {
  const store = open()
  const filed = store.write(LINE, STATE)
  const bytes = readFileSync(onlyFile())
  bytes[bytes.length - 1] = 99
  writeFileSync(onlyFile(), bytes)
  expect(store.read(filed?.id ?? "")).toBeNull()
  expect(store.list()).toEqual([])
})

test("a file that another process removed is no news", () => {
  const store = open()
  const filed = store.write(LINE, STATE)
  rmSync(onlyFile())
  expect(store.read(filed?.id ?? "")).toBeNull()
  expect(reports).toEqual([])
})

test("the budget is for all models, and what was used longest ago goes; what is pinned stays", () => {
  const one = open({ key: { model: "one" }, budgetBytes: 2_500 })
  const pinned = one.write({ ...LINE, pinned: true }, STATE)
  const [model = ""] = readdirSync(folder)
  const age = (id: string | undefined, seconds: number) =>
    utimesSync(join(folder, model, id ?? ""), Date.now() / 1_000 - seconds, Date.now() / 1_000 - seconds)
  age(pinned?.id, 1_000)
  const old = one.write(LINE, STATE)
  age(old?.id, 500)
  const used = one.write(LINE, STATE)
  age(used?.id, 600)
  one.touch(used?.id ?? "")
  expect(open({ key: { model: "two" }, budgetBytes: 2_500 }).write(LINE, STATE)).not.toBeNull()
  expect(
    open({ key: { model: "one" } })
      .list()
      .map(({ id }) => id)
      .sort(),
  ).toEqual([pinned?.id, used?.id].sort())
  expect(open({ budgetBytes: 300 }).write(LINE, STATE)).toBeNull()
})

test("left-overs of a process that ended while it wrote are swept out, fresh ones are not", () => {
  open().write(LINE, STATE)
  const part = `${onlyFile()}.part`
  writeFileSync(part, "half")
  open()
  expect(statSync(part).size).toBe(4)
  utimesSync(part, 1, 1)
  open()
  expect(readdirSync(join(part, "..")).filter((name) => name.endsWith(".part"))).toEqual([])
})

test("a folder that cannot be written is told, and nothing else", () => {
  if (process.getuid?.() === 0) writeFileSync(join(folder, "file"), "")
  else chmodSync(folder, 0o500)
  const store = openLineFiles({
    folder: process.getuid?.() === 0 ? join(folder, "file") : folder,
    key: KEY,
    budgetBytes: 10_000,
    report: (message) => void reports.push(message),
    now: () => 0,
  })
  expect(store.write(LINE, STATE)).toBeNull()
  expect(reports.length).toBeGreaterThan(0)
  if (process.getuid?.() !== 0) chmodSync(folder, 0o700)
})

test("whichever call to the system fails, nothing throws, and what is given out is what was written", () => {
  const names = Object.keys({
    closeSync: 0,
    mkdirSync: 0,
    openSync: 0,
    readdirSync: 0,
    readSync: 0,
    renameSync: 0,
    rmSync: 0,
    statSync: 0,
    utimesSync: 0,
    writeSync: 0,
  } satisfies Record<keyof FileCalls, 0>)
  let failures = 0
  for (let failing = 1; ; failing++) {
    let count = 0
    const calls = Object.fromEntries(
      names.map((name) => [
        name,
        (...args: unknown[]) => {
          count += 1
          if (count === failing) throw Object.assign(new Error("no space left"), { code: "ENOSPC" })
          // Every name is one of node:fs, with the same arguments.
          return (fs as unknown as Record<string, (...args: unknown[]) => unknown>)[name]?.(...args)
        },
      ]),
    ) as unknown as FileCalls
    const store = open({ calls, budgetBytes: 1_200 })
    const first = store.write(LINE, STATE)
    if (first !== null) {
      const state = store.read(first.id)
      if (state !== null) expect(state).toEqual(STATE)
      store.touch(first.id)
    }
    const second = store.write({ ...LINE, tokens: [9] }, STATE)
    if (second !== null) store.remove(second.id)
    for (const { id } of open({ calls }).list()) expect(store.read(id) ?? STATE).toEqual(STATE)
    const after = open()
    for (const { id } of after.list()) expect(after.read(id)).toEqual(STATE)
    if (count < failing) break
    failures += 1
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
  }
  expect(failures).toBeGreaterThan(20)
})

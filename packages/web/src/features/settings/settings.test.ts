import type { Setting, SettingShape } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readDraft, settingAccess, writeValue } from "./setting-draft.ts"
import { groupSettings } from "./setting-groups.ts"

const setting = (key: string): Setting => ({
  key,
  value: null,
  source: "default",
  description: "",
  shape: { type: "list" },
  accepts: "",
  defaultValue: null,
  secret: false,
  changedBy: "admin",
  needsRestart: false,
})

describe("where a setting is", () => {
  test("each is on one tab, in the order of its group, and an unknown one is not lost", () => {
    const settings = ["keepAlive", "novelty", "defaultModel", "port", "cache.disk"].map(setting)
    const keys = (tab: "defaults" | "advanced") =>
      groupSettings(settings, tab).map((group) => [group.name, ...group.settings.map(({ key }) => key)])
    expect(keys("defaults")).toEqual([["answers", "defaultModel", "keepAlive"]])
    expect(keys("advanced")).toEqual([
      ["network", "port"],
      ["engine", "cache.disk"],
      ["other", "novelty"],
    ])
  })
})

describe("what is written for a value", () => {
  const bytes: SettingShape = { type: "bytes", min: 0 }
  test.each([
    [null, ""],
    [0, "0"],
    [4 * 2 ** 30, "4GiB"],
    [1.5 * 2 ** 30, "1536MiB"],
    [1_000, "1000"],
  ])("%j bytes: %j", (value, expected) => {
    expect(writeValue(value, bytes)).toBe(expected)
  })

  test("of bytes nothing is lost, whatever the unit", () => {
    const factor: Readonly<Record<string, number>> = { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10, "": 1 }
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 2 ** 10, 2 ** 20), (count, unit) => {
        const [, amount, name = ""] = /^(\d+)(\w*)$/.exec(writeValue(count * unit, bytes)) ?? []
        expect(Number(amount) * (factor[name] ?? Number.NaN)).toBe(count * unit)
      }),
    )
  })
})

describe("what was written is read", () => {
  const number: SettingShape = { type: "whole-number", min: 1, max: 8 }
  const text: SettingShape = { type: "text", maxLength: 3 }
  test.each<[string, SettingShape, unknown]>([
    ["", number, null],
    ["  ", { type: "path" }, null],
    ["8", number, 8],
    ["true", { type: "yes-or-no" }, true],
    ["false", { type: "yes-or-no" }, false],
    ["5m", { type: "duration" }, "5m"],
    ["-1", { type: "duration" }, "-1"],
    ["1.5 GB", { type: "bytes", min: 0 }, "1.5 GB"],
    ["512MiB", { type: "bytes", min: 0 }, "512MiB"],
    ["https://hub.example", { type: "address" }, "https://hub.example"],
    ["abc", text, "abc"],
    ["a, b", { type: "list" }, "a, b"],
  ])("%j: %j", (written, shape, value) => {
    expect(readDraft(written, shape)).toEqual({ type: "value", value })
  })

  test.each<[string, SettingShape, string]>([
    ["9", number, "range"],
    ["0", number, "range"],
    ["two", number, "number"],
    ["1.5", number, "number"],
    ["abcd", text, "text"],
    ["a\u0007", text, "text"],
    ["soon", { type: "duration" }, "duration"],
    ["5 weeks", { type: "duration" }, "duration"],
    ["a lot", { type: "bytes", min: 0 }, "bytes"],
    ["-5", { type: "bytes", min: 0 }, "bytes"],
    ["ftp://x", { type: "address" }, "address"],
    ["https://", { type: "address" }, "address"],
  ])("%j: wrong", (written, shape, reason) => {
    expect(readDraft(written, shape)).toEqual({ type: "wrong", reason })
  })
})

test.each([
  ["file", "admin", "open"],
  ["default", "owner", "open"],
  ["default", "terminal", "terminal"],
  ["environment", "admin", "overruled"],
  ["flag", "terminal", "overruled"],
] as const)("a setting from %s that %s may change is %s", (source, changedBy, access) => {
  expect(settingAccess({ source, changedBy })).toBe(access)
})

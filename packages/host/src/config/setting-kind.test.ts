import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  address,
  choice,
  duration,
  folder,
  hostNames,
  origins,
  sizeBytes,
  text,
  wholeNumber,
  yesOrNo,
} from "./setting-kind.ts"

describe("sizeBytes", () => {
  test.each<[unknown, number | undefined]>([
    ["0", 0],
    ["512", 512],
    ["512b", 512],
    ["1k", 1024],
    ["1KiB", 1024],
    ["1KB", 1000],
    ["1.5G", 1_610_612_736],
    ["1.5 GB", 1_500_000_000],
    ["2TiB", 2 * 2 ** 40],
    [7, 7],
    ["", undefined],
    ["-1", undefined],
    ["1e9", undefined],
    ["8 GiBs", undefined],
    ["0x10", undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
    ["9999999999T", undefined],
    [null, undefined],
    [true, undefined],
  ])("%j is %s", (input, expected) => {
    expect(sizeBytes({ min: 0 }).parse(input)).toBe(expected)
  })
  test("the least is accepted, one less is not", () => {
    expect(sizeBytes({ min: 1_024 }).parse("1k")).toBe(1_024)
    expect(sizeBytes({ min: 1_024 }).parse("1023")).toBeUndefined()
  })
})

test.each<[unknown, number | undefined]>([
  ["5m", 300_000],
  ["300", 300_000],
  [300, 300_000],
  ["1h", 3_600_000],
  ["1d", 86_400_000],
  ["500ms", 500],
  ["1.5s", 1_500],
  ["0", 0],
  [-1, Number.POSITIVE_INFINITY],
  ["-1m", Number.POSITIVE_INFINITY],
  ["365d", 31_536_000_000],
  ["366d", undefined],
  ["5 minutes", undefined],
  ["", undefined],
  [Number.NaN, undefined],
  [null, undefined],
])("the duration %j is %s", (input, expected) => {
  expect(duration.parse(input)).toBe(expected)
})

test("bounds of whole numbers hold at n and n+1", () => {
  const kind = wholeNumber({ min: 1, max: 10 })
  expect([0, 1, 10, 11].map((value) => kind.parse(value))).toEqual([undefined, 1, 10, undefined])
  expect(
    ["0", "1", "10", "11", "+5", " 5 ", "5.0", "5e0", "", null, true, [5]].map((value) => kind.parse(value)),
  ).toEqual([
    undefined,
    1,
    10,
    undefined,
    5,
    5,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test("texts are one line of bounded length", () => {
  const kind = text({ maxLength: 3 })
  expect(["abc", " abc ", "abcd", "a\nb", "", 5].map((value) => kind.parse(value))).toEqual([
    "abc",
    "abc",
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test("yes, no and nothing else", () => {
  expect(
    ["1", "TRUE", "on", true, "0", "No", false, "2", "", 1, null].map((value) => yesOrNo.parse(value)),
  ).toEqual([true, true, true, true, false, false, false, undefined, undefined, undefined, undefined])
})

test("addresses are http or https", () => {
  expect(address.parse("https://Example.org/a/")).toBe("https://example.org/a")
  for (const bad of ["example.org", "ftp://example.org", "file:///etc/passwd", "javascript:x", "https://", 5])
    expect(address.parse(bad)).toBeUndefined()
})

test("folders are texts without NUL; choices ignore case", () => {
  expect(folder.parse("a\0b")).toBeUndefined()
  expect(folder.parse("")).toBeUndefined()
  expect(folder.parse("~/é 🔥")).toBe("~/é 🔥")
  expect(choice(["llama", "echo"]).parse("ECHO")).toBe("echo")
  expect(choice(["llama", "echo"]).parse("toString")).toBeUndefined()
})

test("what is written is read back as the same value", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 365 * 86_400 }), fc.maxSafeNat(), (seconds, bytes) => {
      expect(duration.parse(duration.format(seconds * 1_000))).toBe(seconds * 1_000)
      expect(sizeBytes({ min: 0 }).parse(sizeBytes({ min: 0 }).format(bytes))).toBe(bytes)
    }),
  )
  expect(duration.parse(duration.format(Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY)
})

test.each<[unknown, readonly string[] | undefined]>([
  ["chat.example", ["chat.example"]],
  [" A.example , b_1:8080,[::1]:80 ", ["a.example", "b_1:8080", "[::1]:80"]],
  [
    ["x", "y"],
    ["x", "y"],
  ],
  [[], []],
  ["a,,b", undefined],
  ["https://a", undefined],
  ["a b", undefined],
  ["-", undefined],
  [[1], undefined],
  [Array(100).fill("a"), Array(100).fill("a")],
  [Array(101).fill("a"), undefined],
  [7, undefined],
])("the hosts %j are %j", (input, expected) => {
  expect(hostNames.parse(input)).toEqual(expected)
  if (expected !== undefined && expected.length > 0)
    expect(hostNames.parse(hostNames.format(expected))).toEqual(expected)
})

test.each<[unknown, readonly string[] | undefined]>([
  ["https://Chat.example", ["https://chat.example"]],
  ["http://127.0.0.1:8080/, https://b.example:443", ["http://127.0.0.1:8080", "https://b.example"]],
  ["https://a.example/path", undefined],
  ["https://u:p@a.example", undefined],
  ["*", undefined],
  ["null", undefined],
  ["file:///x", undefined],
])("the origins %j are %j", (input, expected) => {
  expect(origins.parse(input)).toEqual(expected)
})

import { expect, test } from "vitest"
import { CrashRecord } from "./crash-record.ts"

test("the wait before a restart grows, and counts from the crash", () => {
  const record = new CrashRecord()
  expect(record.delayMs(0)).toBe(0)
  record.add(1_000, "first")
  expect(record.delayMs(1_000)).toBe(500)
  expect(record.delayMs(1_400)).toBe(100)
  expect(record.delayMs(9_000)).toBe(0)
  record.add(2_000, "second")
  expect(record.delayMs(2_000)).toBe(1_000)
  record.add(3_000, "third")
  record.add(4_000, "fourth")
  record.add(5_000, "fifth")
  expect(record.delayMs(5_000)).toBe(5_000)
})

test("two crashes in five minutes are borne, three are not, with the reason", () => {
  const record = new CrashRecord()
  record.add(0, "SIGABRT")
  record.add(100_000, "SIGABRT")
  expect(() => record.requireTrust(100_000, "tiny")).not.toThrow()
  record.add(299_999, "SIGSEGV in decode")
  expect(() => record.requireTrust(299_999, "tiny")).toThrow(
    /tiny crashed 3 times in 5 minutes.*SIGSEGV in decode/,
  )
})

test("old crashes are forgotten", () => {
  const record = new CrashRecord()
  for (const at of [0, 1_000, 2_000]) record.add(at, "x")
  expect(() => record.requireTrust(300_000, "tiny")).toThrow()
  expect(() => record.requireTrust(300_001, "tiny")).not.toThrow()
  const spread = new CrashRecord()
  for (const at of [0, 200_000, 301_000]) spread.add(at, "x")
  expect(() => spread.requireTrust(301_000, "tiny")).not.toThrow()
})

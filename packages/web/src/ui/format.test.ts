import { expect, test } from "vitest"
import { formatBytes, formatDuration, formatRate, formatTime } from "./format.ts"

test.each([
  [0, "0 byte"],
  [999, "999 byte"],
  [1_500, "1.5 kB"],
  [98_362_432, "98.4 MB"],
  [250_000_000, "250 MB"],
  [4_700_000_000, "4.7 GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes, "en")).toBe(text)
})

test("a language has its own point", () => {
  expect(formatBytes(1_500, "de")).toBe("1,5 kB")
})

test.each([
  [420, "0.4 sec"],
  [12_300, "12 sec"],
  [180_000, "3 min"],
  [7_200_000, "2 hr"],
])("%d ms are %s", (ms, text) => {
  expect(formatDuration(ms, "en")).toBe(text)
})

test("today is a time, another day a date", () => {
  const now = Date.parse("2026-11-28T12:00:00")
  expect(formatTime("2026-11-28T09:05:00", "en", now)).toMatch(/9:05/)
  expect(formatTime("2026-11-20T09:05:00", "en", now)).toBe("Nov 20, 2026")
})

test("a rate is no more exact than it is", () => {
  expect([formatRate(3.12345, "en"), formatRate(141.6, "en")]).toEqual(["3.1", "142"])
})

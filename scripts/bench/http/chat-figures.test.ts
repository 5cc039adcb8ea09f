import { expect, test } from "vitest"
import { decodeTokensPerSecond, gapsMs, makespanMs, prefillProfile, ttftMs } from "./chat-figures.ts"
import type { StreamedChat } from "./stream-chat.ts"

const CHAT: StreamedChat = {
  startedAtMs: 1_000,
  deltaAtMs: [1_100, 1_110, 1_150, 1_200],
  endedAtMs: 1_210,
  text: "a b c d",
  promptTokens: 50,
  cachedTokens: 40,
  completionTokens: 11,
  prefillMs: 80,
}

test("time to the first token counts from the request", () => {
  expect(ttftMs(CHAT)).toBe(100)
  expect(() => ttftMs({ ...CHAT, deltaAtMs: [] })).toThrow("no text")
})

test.each([
  [undefined, [10, 40, 50]],
  // A gap that only reaches into the window was suffered in it.
  [{ fromMs: 1_120, toMs: 1_130 }, [40]],
  [{ fromMs: 1_150, toMs: 1_300 }, [50]],
  [{ fromMs: 0, toMs: 1_110 }, [10]],
  [{ fromMs: 1_201, toMs: 1_300 }, []],
])("gaps within %j", (window, expected) => {
  expect(window === undefined ? gapsMs(CHAT) : gapsMs(CHAT, window)).toEqual(expected)
})

test("decoding is counted in tokens, which may come several in a delta", () => {
  expect(decodeTokensPerSecond(CHAT)).toBe(100)
  expect(() => decodeTokensPerSecond({ ...CHAT, completionTokens: 1 })).toThrow("too short")
  expect(() => decodeTokensPerSecond({ ...CHAT, deltaAtMs: [1_100] })).toThrow("too short")
})

test("the makespan is from the first request to the last end", () => {
  expect(makespanMs([CHAT, { ...CHAT, startedAtMs: 900, endedAtMs: 1_000 }])).toBe(310)
})

test("the profile says what was computed and what the time was besides", () => {
  expect(prefillProfile([CHAT])).toEqual({ promptTokens: 50, cachedTokens: 40, prefillMs: 80, otherMs: 20 })
  expect(prefillProfile([{ ...CHAT, prefillMs: 500 }]).otherMs).toBe(0)
})

import { expect, test } from "vitest"
import { SYSTEM_CLOCK } from "../clock.ts"
import { memoryBandwidth } from "./memory-bandwidth.ts"
import { linesOf, readLines } from "./read-memory.ts"

test("one word of every line is read, by shares that meet and do not overlap", () => {
  const words = Float64Array.from({ length: 8 * 24 }, (_, index) => (index % 8 === 0 ? 1 : 1_000))
  expect(linesOf(words.byteLength)).toBe(24)
  expect(readLines(words, { from: 0, to: 24 })).toBe(24)
  expect([readLines(words, { from: 0, to: 12 }), readLines(words, { from: 12, to: 24 })]).toEqual([12, 12])
})

test("threads read a buffer, and say how fast", async () => {
  const options = { threads: 2, clock: SYSTEM_CLOCK, bufferBytes: 2 ** 20, passes: 1 }
  const { oneThread, allThreads } = await memoryBandwidth(options, new AbortController().signal)
  expect(Number.isFinite(oneThread) && oneThread > 0).toBe(true)
  expect(Number.isFinite(allThreads) && allThreads > 0).toBe(true)
})

test("an aborted measurement ends with the reason, and its threads with it", async () => {
  const stop = AbortSignal.abort(new Error("enough"))
  const options = { threads: 1, clock: SYSTEM_CLOCK, bufferBytes: 2 ** 20 }
  await expect(memoryBandwidth(options, stop)).rejects.toThrow("enough")
})

import { expect, test } from "vitest"
import { AdaptiveThreads } from "./adaptive-threads.ts"
import { createBlockWorth } from "./block-worth.ts"
import type { NativeContext } from "./native/context.ts"
import { createTimedDecode } from "./timed-decode.ts"

/** Decodes take what the test says; `lookedAt` are the times of those that were looked at. */
function scripted({ full = 1 } = {}) {
  let clock = 0
  let stepMs = 10
  const lookedAt: number[] = []
  const blockWorth = createBlockWorth()
  const context = {
    rows: 0,
    decode: () => {
      clock += stepMs
      return "done"
    },
    synchronize: () => {},
    setThreads: () => {},
    watchAbort: () => {},
  } as unknown as NativeContext // the methods that a decode calls
  const timed = createTimedDecode({
    model: { sizeBytes: 1 },
    context,
    pace: { msPerRow: 0, blockWorth },
    threads: new AdaptiveThreads({ full, foreign: null }),
    onDecoded: (_, durationMs) => void lookedAt.push(durationMs),
    now: () => clock,
  })
  const decode = (ms: number, rowsByStream: readonly number[] = [1]) => {
    stepMs = ms
    timed.decode({ hasPrefill: false, rowsByStream, depths: rowsByStream.map(() => 10) })
  }
  const prefill = (ms: number, rows: number, depths: readonly number[]) => {
    stepMs = ms
    Object.assign(context, { rows })
    timed.decode({ hasPrefill: true, rowsByStream: depths.map(() => rows), depths })
  }
  return { lookedAt, decode, prefill, blockWorth, timed }
}

test("the last rows of a prompt alone, and a block alone, say what a block is worth; beside others they do not", () => {
  const { prefill, blockWorth } = scripted()
  prefill(400, 40, [700, 700])
  prefill(1, 64, [700, 700])
  expect(blockWorth.leastRows(0)).toBe(52)
  prefill(200, 40, [700])
  prefill(150, 64, [700])
  expect(blockWorth.leastRows(0)).toBe(30)
})

test("of steps like those before every eighth is looked at, once seventeen were", () => {
  const { lookedAt, decode } = scripted()
  for (let step = 0; step < 17 + 3 * 8; step++) decode(10)
  expect(lookedAt).toHaveLength(17 + 3)
})

test("a slower step and another number of rows are looked at in any case, and so are those after them", () => {
  const { lookedAt, decode } = scripted()
  for (let step = 0; step < 20; step++) decode(10)
  const before = lookedAt.length
  decode(40)
  decode(12, [4])
  for (let step = 0; step < 5; step++) decode(10)
  expect(lookedAt.slice(before)).toEqual([40, 12, 10, 10, 10, 10, 10])
})

test("steps that a foreign program holds up: fewer threads after three of them, as without leaving any out", () => {
  const { decode, timed } = scripted({ full: 2 })
  for (let step = 0; step < 100; step++) decode(10)
  const counts = Array.from({ length: 4 }, () => {
    decode(60)
    return timed.threads
  })
  expect(counts).toEqual([2, 2, 1, 1])
})

test("a batch of a prompt takes no longer than fewer threads have computed; all of them: 1.5 s", () => {
  const { decode, prefill, timed } = scripted({ full: 2 })
  for (let step = 0; step < 100; step++) decode(10)
  expect(timed.batchMs).toBe(1_500)
  for (let step = 0; step < 3; step++) decode(60)
  expect(timed.batchMs).toBe(0)
  prefill(300, 128, [0])
  expect(timed.batchMs).toBe(300)
  prefill(300, 128, [128])
  expect(timed.batchMs).toBe(600)
  prefill(2_000, 512, [256])
  expect(timed.batchMs).toBe(1_500)
})

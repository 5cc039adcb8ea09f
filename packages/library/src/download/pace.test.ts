// Rate, speed and pauses, on a clock that the test owns.
import { AppError, type JobEvent } from "@fireside/protocol"
import { describe, expect, it } from "vitest"
import { createManualClock } from "../testing/manual-clock.ts"
import { pause } from "./pause.ts"
import { createProgressMeter } from "./progress-meter.ts"
import { createRateLimit } from "./rate-limit.ts"
import { retry } from "./retry.ts"

const never = new AbortController().signal

describe("the rate limit", () => {
  it("lets a second's worth through at once, then keeps to the rate", async () => {
    const clock = createManualClock()
    const limit = createRateLimit(1_000, clock)
    await limit.take(1_000, never)
    expect(clock.waits).toEqual([])
    for (let piece = 0; piece < 10; piece += 1) await limit.take(500, never)
    expect(clock.monotonic()).toBeCloseTo(5_000)
  })

  it("is shared by all who take at the same time", async () => {
    const clock = createManualClock()
    const limit = createRateLimit(1_000, clock)
    await Promise.all(Array.from({ length: 4 }, () => limit.take(1_000, never)))
    expect(clock.monotonic()).toBeCloseTo(3_000)
  })

  it("does not save up a burst while nothing is taken", async () => {
    const clock = createManualClock()
    const limit = createRateLimit(1_000, clock)
    clock.advance(60_000)
    await limit.take(2_000, never)
    expect(clock.waits).toEqual([1_000])
  })

  it("stops waiting when it is told to", async () => {
    const stop = new AbortController()
    const clock = createManualClock()
    const limit = createRateLimit(1, { ...clock, setTimer: () => ({ cancel: () => {} }) })
    const waiting = limit.take(1_000, stop.signal)
    stop.abort(new Error("enough"))
    await expect(waiting).rejects.toThrow("enough")
  })
})

describe("progress", () => {
  it("tells the speed of the last seconds and the time left, a few times a second", () => {
    const clock = createManualClock()
    const events: JobEvent[] = []
    const meter = createProgressMeter("x", (event) => events.push(event), clock)
    meter.start(400_000, 1_400_000)
    for (let step = 0; step < 50; step += 1) {
      clock.advance(100)
      meter.add(10_000)
    }
    expect(events.length).toBeLessThan(25)
    expect(events.at(-1)).toEqual({
      type: "progress",
      file: "x",
      doneBytes: 880_000,
      totalBytes: 1_400_000,
      bytesPerSecond: 100_000,
      secondsLeft: 6,
    })
  })

  it("does not count what an earlier run brought as speed", () => {
    const clock = createManualClock()
    const events: JobEvent[] = []
    const meter = createProgressMeter("x", (event) => events.push(event), clock)
    meter.start(1_000_000, 2_000_000)
    expect(events).toEqual([
      { type: "progress", file: "x", doneBytes: 1_000_000, totalBytes: 2_000_000, bytesPerSecond: 0 },
    ])
  })
})

describe("retry", () => {
  const failed = (cause?: unknown): AppError => new AppError("network-failed", { message: "cut", cause })

  it("pauses longer each time, within half to one and a half of the doubled pause", async () => {
    for (const [random, pauses] of [
      [0, [250, 500, 1_000]],
      [0.5, [500, 1_000, 2_000]],
      [1, [750, 1_500, 3_000]],
    ] as const) {
      const clock = createManualClock()
      const work = async (): Promise<never> => {
        throw failed()
      }
      await expect(retry(work, { clock, random: () => random, attempts: 4 }, never)).rejects.toThrow("cut")
      expect(clock.waits).toEqual(pauses)
    }
  })

  it("begins to count anew after progress", async () => {
    const clock = createManualClock()
    let calls = 0
    const work = async (): Promise<string> => {
      calls += 1
      if (calls < 9) throw failed()
      return "done"
    }
    const options = {
      clock,
      random: () => 0.5,
      attempts: 2,
      progress: () => calls * 100,
      enoughProgress: 100,
    }
    expect(await retry(work, options, never)).toBe("done")
  })

  it("does not try again what will not change", async () => {
    const unknownName = failed(Object.assign(new Error("no"), { code: "ENOTFOUND" }))
    for (const error of [unknownName, new AppError("bad-response", { message: "no" }), new Error("ours")]) {
      const clock = createManualClock()
      let calls = 0
      const work = async (): Promise<never> => {
        calls += 1
        throw error
      }
      await expect(retry(work, { clock, random: () => 0 }, never)).rejects.toBe(error)
      expect(calls).toBe(1)
    }
  })
})

describe("a pause", () => {
  it("that was stopped before is none", async () => {
    const clock = createManualClock()
    await expect(pause(clock, 5, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped")
    expect(clock.waits).toEqual([])
  })
})

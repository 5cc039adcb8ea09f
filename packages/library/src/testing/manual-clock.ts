// A clock for tests: it moves only when someone waits for it, and then at once.
import type { Clock } from "@fireside/host"

export interface ManualClock extends Clock {
  /** Every wait that was asked for, milliseconds. */
  readonly waits: readonly number[]
  advance(ms: number): void
}

/** Timers run as soon as the present work has yielded, with the clock moved to their time. */
export function createManualClock(startMs = Date.UTC(2026, 10, 24)): ManualClock {
  let elapsedMs = 0
  const waits: number[] = []
  return {
    waits,
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    advance(ms) {
      elapsedMs += ms
    },
    setTimer(delayMs, action) {
      waits.push(delayMs)
      const dueMs = elapsedMs + delayMs
      const immediate = setImmediate(() => {
        elapsedMs = Math.max(elapsedMs, dueMs)
        action()
      })
      return { cancel: () => clearImmediate(immediate) }
    },
  }
}

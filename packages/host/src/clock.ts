// Time as it is passed in: the wall for people, the monotonic clock for time-outs, timers that never keep the process alive.

export interface ClockTimer {
  /** After this the action does not run. Harmless when it has run. */
  cancel(): void
}

export interface Clock {
  /** Wall clock, milliseconds since 1970. Jumps when the user sets it: never for durations. */
  now(): number
  /** Milliseconds that never go back, from an arbitrary zero. */
  monotonic(): number
  /** Runs `action` once after `delayMs`. Does not keep the process alive. */
  setTimer(delayMs: number, action: () => void): ClockTimer
}

export const SYSTEM_CLOCK: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs: number, action: () => void) => {
    const timer = setTimeout(action, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
})

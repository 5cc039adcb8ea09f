// When those who read their answers get a step in the middle of another's prompt. Pure: times in, a yes out.

/** They get one when so long has passed since the last, milliseconds … */
const LEAST_WAIT_MS = 120
/** … and so many times what it took: the prompt takes at most a ninth longer for it. */
const WAIT_PER_TURN = 9

export interface Turns {
  /** Is it time for one? */
  isDue(nowMs: number): boolean
  /** One was taken. */
  record(startedAtMs: number, endedAtMs: number): void
}

/** `nowMs` is a monotonic clock. Nobody waits from before then on. */
export function createTurns(nowMs: number): Turns {
  let endedAtMs = nowMs
  let tookMs = 0
  return {
    isDue: (atMs) => atMs - endedAtMs >= Math.max(LEAST_WAIT_MS, WAIT_PER_TURN * tookMs),
    record: (startedAtMs, atMs) => {
      tookMs = atMs - startedAtMs
      endedAtMs = atMs
    },
  }
}

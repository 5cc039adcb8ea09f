// How many threads compute. A foreign program on one of our processors makes every thread wait at each barrier for the one
// that is held up: with one thread fewer threads wait. Pure: times in, a count out.

/** A step that takes this many times the usual one counts as disturbed … */
const SLOW_RATIO = 2
/** … and this many in a row are believed. */
const SLOW_STEPS = 3
const HISTORY = 31
const HISTORY_NEEDED = 5
const PROBE_EVERY_MS = 1_000
const PROBE_STEPS = 4
/** A probe is broken off at once when one step of it takes this many times what one thread needs. */
const PROBE_LIMIT = 3

export class AdaptiveThreads {
  readonly full: number
  #threads: number
  /** Durations with all threads, undisturbed, by number of rows. */
  readonly #usual = new Map<number, number[]>()
  /** Running mean with one thread, by number of rows. */
  readonly #single = new Map<number, number>()
  #slow = 0
  #probe: number[] | null = null
  #probeAt = 0

  constructor(full: number) {
    this.full = full
    this.#threads = full
  }

  /** For the next step. */
  get threads(): number {
    return this.#threads
  }

  /** Tells how long a step without prefill took with `threads`. `nowMs` is a monotonic clock. */
  record(rows: number, durationMs: number, nowMs: number): void {
    if (this.full === 1) return
    if (this.#probe !== null) this.#recordProbe(rows, durationMs, nowMs)
    else if (this.#threads === this.full) this.#recordFull(rows, durationMs, nowMs)
    else this.#recordSingle(rows, durationMs, nowMs)
  }

  #recordFull(rows: number, durationMs: number, nowMs: number): void {
    const usual = this.#usual.get(rows) ?? []
    if (usual.length >= HISTORY_NEEDED && durationMs > SLOW_RATIO * median(usual)) {
      this.#slow += 1
      if (this.#slow < SLOW_STEPS) return
      this.#slow = 0
      this.#threads = 1
      this.#probeAt = nowMs + PROBE_EVERY_MS
      return
    }
    this.#slow = 0
    usual.push(durationMs)
    if (usual.length > HISTORY) usual.shift()
    this.#usual.set(rows, usual)
  }

  #recordSingle(rows: number, durationMs: number, nowMs: number): void {
    const mean = this.#single.get(rows)
    this.#single.set(rows, mean === undefined ? durationMs : mean * 0.8 + durationMs * 0.2)
    if (nowMs < this.#probeAt) return
    this.#threads = this.full
    this.#probe = []
  }

  #recordProbe(rows: number, durationMs: number, nowMs: number): void {
    const probe = this.#probe ?? []
    const single = this.#single.get(rows)
    probe.push(single === undefined ? 1 : durationMs / single)
    const worst = Math.max(...probe)
    if (probe.length < PROBE_STEPS && worst <= PROBE_LIMIT) return
    this.#probe = null
    // All threads must win by more than noise, or one is kept.
    const better = worst <= PROBE_LIMIT && median(probe) < 0.97
    this.#threads = better ? this.full : 1
    this.#probeAt = nowMs + PROBE_EVERY_MS
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

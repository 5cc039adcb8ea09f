// Counts how long a process has been silent while it should be at work.
import type { Clock, ClockTimer } from "@fireside/host"

const TICK_MS = 1_000

export interface SilenceWatchOptions {
  readonly clock: Clock
  /** How much silence is too much now; null: nothing is expected of it. */
  readonly limitMs: () => number | null
  readonly onSilence: (silentMs: number) => void
}

export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  #silentMs = 0
  #timer: ClockTimer | null = null

  constructor(options: SilenceWatchOptions) {
    this.#options = options
  }

  /** A sign of life, or the begin of new work. */
  reset(): void {
    this.#silentMs = 0
  }

  /** Goes on by itself until nothing is expected. Harmless when it runs already. */
  start(): void {
    this.#timer ??= this.#options.clock.setTimer(TICK_MS, () => {
      this.#timer = null
      const limitMs = this.#options.limitMs()
      if (limitMs === null) return
      // Ticks are counted, not the time between them: when this process itself was stopped, the child's messages wait in
      // the channel and the child is not to blame.
      this.#silentMs += TICK_MS
      if (this.#silentMs >= limitMs) this.#options.onSilence(this.#silentMs)
      else this.start()
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }
}

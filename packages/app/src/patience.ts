// Waiting for something that may never come: until the request is dropped, or its time is up.
import type { Clock } from "@fireside/host"
import { AppError } from "@fireside/protocol"

export interface Patience extends Disposable {
  /** The event's own outcome. Throws `interrupted` when the signal aborts and what `onLate` makes when the time is up, whichever comes first. */
  for<T>(event: Promise<T>): Promise<T>
}

export interface PatienceOptions {
  readonly clock: Clock
  /** For all waits together, from now. */
  readonly limitMs: number
  readonly onLate: () => AppError
}

export function createPatience({ clock, limitMs, onLate }: PatienceOptions, signal: AbortSignal): Patience {
  const end = Promise.withResolvers<never>()
  // Nobody may be waiting when it ends.
  end.promise.catch(() => {})
  const timer = clock.setTimer(limitMs, () => end.reject(onLate()))
  const abort = (): void => end.reject(interrupted())
  if (signal.aborted) abort()
  signal.addEventListener("abort", abort, { once: true })
  return {
    for: (event) => Promise.race([event, end.promise]),
    [Symbol.dispose]: () => {
      timer.cancel()
      signal.removeEventListener("abort", abort)
    },
  }
}

export function interrupted(): AppError {
  return new AppError("interrupted", { message: "The work was stopped." })
}

/** Wakes everybody who waits for its next ring. */
export interface Bell {
  /** How often it rang: who counts before it looks around misses no ring. */
  readonly rings: number
  ring(): void
  next(): Promise<void>
}

export function createBell(): Bell {
  let rings = 0
  let coming = Promise.withResolvers<void>()
  return {
    get rings() {
      return rings
    },
    ring: () => {
      rings += 1
      coming.resolve()
      coming = Promise.withResolvers<void>()
    },
    next: () => coming.promise,
  }
}

// Waiting on the clock that was passed in.
import type { Clock } from "@fireside/host"

/** The longest delay that Node's timers hold. */
const LONGEST_TIMER_MS = 0x7fff_ffff

/** Resolves after `ms`; rejects with the signal's reason. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  // The clock's timers let the process end; someone is waiting for this work, so it must not.
  const alive = setInterval(() => {}, LONGEST_TIMER_MS)
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = clock.setTimer(ms, () => {
        signal.removeEventListener("abort", stop)
        resolve()
      })
      function stop(): void {
        timer.cancel()
        reject(signal.reason)
      }
      signal.addEventListener("abort", stop, { once: true })
    })
  } finally {
    clearInterval(alive)
  }
}

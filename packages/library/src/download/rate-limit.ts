// A token bucket: keeps the sum of all transfers of one pull below a rate.
import type { Clock } from "@fireside/host"
import { pause } from "./pause.ts"

export interface RateLimit {
  /** Resolves when `bytes` may have been read. */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

export const UNLIMITED: RateLimit = Object.freeze({ take: async () => {} })

/** Holds at most one second's worth, so a pause does not become a burst. */
export function createRateLimit(bytesPerSecond: number, clock: Clock): RateLimit {
  let tokens = bytesPerSecond
  let filledAtMs = clock.monotonic()
  return {
    async take(bytes, signal) {
      const now = clock.monotonic()
      tokens = Math.min(bytesPerSecond, tokens + ((now - filledAtMs) / 1000) * bytesPerSecond)
      filledAtMs = now
      // The debt is taken at once, so that others queue behind it, and then waited for.
      tokens -= bytes
      if (tokens < 0) await pause(clock, (-tokens / bytesPerSecond) * 1000, signal)
    },
  }
}

// Trying again with growing pauses. What may be tried again is decided here and nowhere else.
import { type Clock, systemCode } from "@fireside/host"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import { pause } from "./pause.ts"

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000

export interface RetryOptions {
  readonly clock: Clock
  /** From 0 up to, not with, 1. */
  readonly random: () => number
  readonly attempts?: number
  /** A number that grows with success: when it grew by at least `enoughProgress`, the count of attempts starts anew. */
  readonly progress?: () => number
  readonly enoughProgress?: number
  readonly onRetry?: (error: AppError, pauseMs: number) => void
}

/** Runs `work` again after failures of the network; every other error, and the last one, is thrown. */
export async function retry<T>(
  work: () => Promise<T>,
  options: RetryOptions,
  signal: AbortSignal,
): Promise<T> {
  const attempts = options.attempts ?? DOWNLOAD_LIMITS.attempts
  const enough = options.enoughProgress ?? 1
  let failures = 0
  let reached = options.progress?.() ?? 0
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof AppError) || !isPassing(error) || signal.aborted) throw error
      const now = options.progress?.() ?? 0
      if (now >= reached + enough) {
        failures = 0
        reached = now
      }
      failures += 1
      if (failures >= attempts) throw error
      const pauseMs = pauseOf(error, failures, options.random())
      options.onRetry?.(error, pauseMs)
      await pause(options.clock, pauseMs, signal)
    }
  }
}

/** A name that does not exist will not exist in a second either; a resolver that is down says so in another way (EAI_AGAIN). */
function isPassing(error: AppError): boolean {
  return error.code === "network-failed" && systemCode(error.cause) !== "ENOTFOUND"
}

/** Doubles each time, halved to one and a half by chance, so that many clients do not return together. */
function pauseOf(error: AppError, failures: number, random: number): number {
  const asked = error.details.retryAfterMs
  const growing = FIRST_PAUSE_MS * 2 ** (failures - 1) * (0.5 + random)
  return Math.min(LONGEST_PAUSE_MS, Math.max(growing, typeof asked === "number" ? asked : 0))
}

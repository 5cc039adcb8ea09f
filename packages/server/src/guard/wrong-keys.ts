// Addresses that send wrong keys: after some in a minute they wait. A key has 256 bits, so this is for the log and the processor's sake.
import { AppError, KEY_LIMITS } from "@fireside/protocol"

export interface WrongKeys {
  /** Throws `rate-limited`. */
  check(address: string): void
  count(address: string): void
}

const WINDOW_MS = 60_000
/** Addresses that are remembered; the oldest goes. */
const ADDRESSES = 1_000

export function createWrongKeys(now: () => number): WrongKeys {
  const seen = new Map<string, { since: number; wrong: number }>()
  const entryOf = (address: string): { since: number; wrong: number } | undefined => {
    const entry = seen.get(address)
    if (entry === undefined || now() - entry.since < WINDOW_MS) return entry
    seen.delete(address)
    return undefined
  }
  return {
    check(address) {
      const entry = entryOf(address)
      if (entry === undefined || entry.wrong < KEY_LIMITS.wrongKeysPerMinute) return
      const retryAfterSeconds = Math.max(1, Math.ceil((entry.since + WINDOW_MS - now()) / 1_000))
      throw new AppError("rate-limited", {
        message: "Too many wrong keys came from this address.",
        hint: `Try again in ${retryAfterSeconds} s.`,
        details: { retryAfterSeconds },
      })
    },
    count(address) {
      const entry = entryOf(address)
      if (entry !== undefined) entry.wrong += 1
      else seen.set(address, { since: now(), wrong: 1 })
      const [oldest] = seen.keys()
      if (seen.size > ADDRESSES && oldest !== undefined) seen.delete(oldest)
    },
  }
}

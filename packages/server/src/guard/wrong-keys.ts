// Addresses that send wrong keys: after some in a minute they wait. A key has 256 bits, so this is for the log and the processor's sake.
// The same wrong key again is no guess: one program with a revoked key must not lock out the others behind its address.
import { hash } from "node:crypto"
import { AppError, KEY_LIMITS } from "@fireside/protocol"

export interface WrongKeys {
  /** Throws `rate-limited`. */
  check(address: string): void
  count(address: string, credential: string): void
}

const WINDOW_MS = 60_000
/** Addresses that are remembered; the oldest goes. */
const ADDRESSES = 1_000

interface Guesses {
  readonly since: number
  /** Digests of them. */
  readonly wrong: Set<string>
}

export function createWrongKeys(now: () => number): WrongKeys {
  const seen = new Map<string, Guesses>()
  const entryOf = (address: string): Guesses | undefined => {
    const entry = seen.get(address)
    if (entry === undefined || now() - entry.since < WINDOW_MS) return entry
    seen.delete(address)
    return undefined
  }
  return {
    check(address) {
      const entry = entryOf(address)
      if (entry === undefined || entry.wrong.size < KEY_LIMITS.wrongKeysPerMinute) return
      const retryAfterSeconds = Math.max(1, Math.ceil((entry.since + WINDOW_MS - now()) / 1_000))
      throw new AppError("rate-limited", {
        message: "Too many wrong keys came from this address.",
        hint: `Try again in ${retryAfterSeconds} s.`,
        details: { retryAfterSeconds },
      })
    },
    count(address, credential) {
      const entry = entryOf(address) ?? { since: now(), wrong: new Set() }
      entry.wrong.add(hash("sha256", credential))
      seen.set(address, entry)
      const [oldest] = seen.keys()
      if (seen.size > ADDRESSES && oldest !== undefined) seen.delete(oldest)
    },
  }
}

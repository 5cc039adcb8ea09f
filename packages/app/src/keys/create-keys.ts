// Keys in the table `api_key`.
import { later } from "../later.ts"
import type { Parts } from "../parts.ts"
import type { Keys } from "./keys.ts"

export function createKeys(_parts: Parts): Keys {
  return {
    create: later,
    list: async () => [],
    revoke: later,
    any: async () => false,
    authenticate: async () => undefined,
    admit: later,
    spend: later,
  }
}

/** The form that our keys have. */
export function looksLikeKey(text: string): boolean {
  return /^fs-[A-Za-z0-9_-]{43}$/.test(text)
}

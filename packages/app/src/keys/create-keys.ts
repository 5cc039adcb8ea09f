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

// Keys as others see them: who may use the server, for what, how much. Read `protocol/key.ts` for the words.
import type { CreatedKey, KeySummary, NewKey } from "@fireside/protocol"

export interface Keys {
  /** The key itself is in the answer this once; only its hash is stored. Throws `already-exists` for a name in use, `bad-request`. */
  create(key: NewKey): Promise<CreatedKey>
  /** Newest first, revoked ones too. */
  list(): Promise<readonly KeySummary[]>
  /** By id or name; takes effect at the next request. Throws `not-found`. */
  revoke(idOrName: string): Promise<KeySummary>
  /** Is there a key that is not revoked? Makes no database. */
  any(): Promise<boolean>
  /** Undefined for what is unknown or revoked. Takes the same time for both. */
  authenticate(secret: string): Promise<KeySummary | undefined>
  /** Counts one request. Throws `rate-limited` with `details {retryAfterSeconds}` when the minute or the day is used up. */
  admit(id: string): Promise<void>
  /** Counts tokens against the key's day. Never throws: an answer that was given is not taken back. */
  spend(id: string, tokens: number): Promise<void>
}

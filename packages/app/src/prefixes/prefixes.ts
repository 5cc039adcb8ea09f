// Computed prefixes as use cases: what is kept, computing one ahead, and taking them away.
import type { ForgetWish } from "@fireside/engine"
import type { ClearedPrefixes, PinnedPrefix, PrefixClear, PrefixPin, PrefixStatus } from "@fireside/protocol"

export interface Prefixes {
  /** What lies on disk; no model is loaded for it. */
  status(): Promise<PrefixStatus>
  /** Removes what was computed, in loaded models and on disk. Throws `model-not-found`. */
  clear(wish: PrefixClear): Promise<ClearedPrefixes>
  /**
   * Computes a system prompt ahead, so that the first question after it begins at once. Throws what loading throws, `context-overflow` with both
   * numbers, and `cache-off` where nothing is kept on disk.
   */
  pin(wish: PrefixPin, signal: AbortSignal): Promise<PinnedPrefix>
  /** Throws `not-found`. */
  unpin(name: string): Promise<void>
  /** Removes what belongs to a conversation or to a caller. Never throws: what cannot be removed is logged. */
  forget(wish: ForgetWish): Promise<void>
  /** Takes from memory what was computed of a chat that leaves nothing (`RunOptions.temporary`); on disk there is nothing of it. */
  endTemporary(id: string, owner: string): Promise<void>
  /** Removes from the disk what belongs to weights that are not there any more. Never throws: what cannot be removed is logged. */
  forgetGone(): Promise<void>
}

// The door as others see it. Read this first. Every connection is an entry in the ledger before it is made.
import type { ContentClass, LedgerEntry, LockState, PrivacyStatus } from "@fireside/protocol"

/** Why a connection is made; goes to the ledger. */
export interface EgressPurpose {
  /** In the user's words: `download smollm2:135m`. */
  readonly reason: string
  /** The part of the product: `pull`, `search`, … */
  readonly feature: string
  readonly contentClass: ContentClass
}

export interface EgressRequest extends EgressPurpose {
  readonly url: string
  readonly method?: "GET" | "HEAD"
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Origins (`https://host[:port]`) that the user named in the configuration. Only these may resolve to private or loopback
   * addresses, and plain http is only allowed to them.
   */
  readonly trustedOrigins?: readonly string[]
}

export interface EgressResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** After redirects. */
  readonly url: string
  /** Ends with an error when the other side breaks off or idles too long. Must be read or cancelled. */
  readonly body: AsyncIterable<Uint8Array>
  cancel(): Promise<void>
}

export interface EgressProxyRequest extends EgressPurpose {
  /**
   * Host names (without port) that the user named in the package client's own configuration. Only these may resolve to private
   * or loopback addresses or be asked over plain http.
   */
  readonly trustedHosts?: readonly string[]
  /** Resolves when this many bytes may be passed on to the client: keeps a rate. Defaults to at once. */
  readonly pace?: (bytes: number, signal: AbortSignal) => Promise<void>
}

/** A forward proxy on loopback, for the user's own package clients: their connections too are decided and recorded here. */
export interface EgressProxy extends AsyncDisposable {
  /** `http://name:secret@127.0.0.1:port`, for `HTTP_PROXY` and `HTTPS_PROXY`. Without the secret nobody gets through. */
  readonly url: string
  /** The entries of the connections made or refused through it, in order. */
  entries(): readonly LedgerEntry[]
}

export interface Egress extends AsyncDisposable {
  /**
   * Follows redirects itself, checking each hop and dropping credentials when host, port or scheme change.
   * Throws `network-locked`, `network-blocked`, `network-failed`. An HTTP error status is not thrown.
   */
  request(request: EgressRequest, signal: AbortSignal): Promise<EgressResponse>
  openProxy(request: EgressProxyRequest, signal: AbortSignal): Promise<EgressProxy>
  /** Throws `network-locked` at once when nothing may leave: for work that would start a process first. */
  assertUnlocked(purpose: EgressPurpose): Promise<void>
  status(): Promise<PrivacyStatus>
  setLock(state: LockState): Promise<void>
  /** Host names that may be reached while the lock is on `allow-list`, in alphabetical order. */
  allowedHosts(): Promise<readonly string[]>
  allowHost(host: string): Promise<void>
  /** False for one that was not on the list. */
  disallowHost(host: string): Promise<boolean>
  ledger(): Promise<readonly LedgerEntry[]>
  /** Recomputes the hash chain. Returns the first broken entry's `seq`, or null when it is whole. */
  verifyLedger(): Promise<number | null>
}

// A turn, then a lease: what every request that makes a model work holds while it does.
import type { LoadWish } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import { LOCAL_OWNER, type RunOptions } from "./app.ts"
import type { Lease, LeaseRequest, Leases, LeaseUse } from "./leases.ts"
import type { Parts } from "./parts.ts"
import type { Turns } from "./queue/turns.ts"

export interface Scheduling {
  readonly parts: Parts
  readonly leases: Leases
  readonly turns: Turns
}

export interface ModelWish {
  /** What the user calls it. */
  readonly reference: string
  /** `resolveModel` of the reference. */
  readonly stored: StoredModel | undefined
  readonly use: LeaseUse
  readonly contextLength?: number | undefined
}

/**
 * The lease gives the turn back too. The turn comes first: however many requests come while a model loads, only those wait that the queue
 * takes. Throws what `Turns.take` and `Leases.acquire` throw.
 */
export async function takeModel(
  { parts, leases, turns }: Scheduling,
  { cost, ...wish }: ModelWish & { readonly cost: number },
  options: RunOptions,
  signal: AbortSignal,
): Promise<Lease> {
  const key = wish.stored?.path ?? ""
  const { owner = LOCAL_OWNER, onWait } = options
  const turn = await turns.take({ key, owner, cost, onWait }, signal)
  try {
    const lease = await leases.acquire(leaseRequest(parts, wish, options), signal)
    turns.resize(key, leases.streamsOf(key) ?? lease.plan.streams)
    return {
      ...lease,
      async [Symbol.asyncDispose]() {
        try {
          await lease[Symbol.asyncDispose]()
        } finally {
          turn[Symbol.dispose]()
        }
      },
    }
  } catch (error) {
    turn[Symbol.dispose]()
    throw error
  }
}

/** A lease for a request, with the context length it asks for; what it leaves open, the model and then the settings say. */
export function leaseRequest(
  parts: Parts,
  { reference, stored, use, contextLength }: ModelWish,
  options: RunOptions,
): LeaseRequest {
  // What was made for embeddings needs one copy only: its plan serves everything that it can do.
  const isForTexts = use === "embed" || poolingOf(stored) > 0
  const wish: LoadWish = {
    ...parts.wish,
    ...ownWish(stored),
    ...options.wish,
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(isForTexts ? { embeddings: true } : {}),
  }
  const { keepAliveMs = parts.keepAliveMs, onLoad, onWait } = options
  return {
    reference,
    stored,
    use,
    wish,
    keepAliveMs,
    ...(onLoad === undefined ? {} : { onLoad }),
    ...(onWait === undefined ? {} : { onWait }),
  }
}

/** What a model wishes of its load: at most what its file has, because nobody asked for it now. */
function ownWish(stored: StoredModel | undefined): LoadWish {
  if (stored?.contextLength === undefined) return {}
  const most = stored.summary.contextLength
  return { contextLength: most > 0 ? Math.min(stored.contextLength, most) : stored.contextLength }
}

/** `<architecture>.pooling_type` of the file: 0 none, 1 mean, 2 first token, 3 last token, 4 a score of a pair of texts. */
export function poolingOf(stored: StoredModel | undefined): number {
  const entry = stored?.header.metadata.get(`${stored.summary.architecture}.pooling_type`)
  return Number(entry?.value ?? 0)
}

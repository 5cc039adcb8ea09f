// How long a loaded model stays in memory.

export type Stay =
  /** Until somebody unloads it. */
  | { readonly type: "for-ever" }
  /** It goes when its last answer is done. */
  | { readonly type: "leaving" }
  | { readonly type: "for"; readonly leftMs: number }

/** Further away than this it is no time that anybody waits for. */
const FOR_EVER_MS = 365 * 24 * 3_600_000

/** `nowMs`: since 1970. */
export function stayOf(expiresAt: string | null, nowMs: number): Stay {
  if (expiresAt === null) return { type: "for-ever" }
  const leftMs = Date.parse(expiresAt) - nowMs
  if (Number.isNaN(leftMs) || leftMs > FOR_EVER_MS) return { type: "for-ever" }
  return leftMs <= 0 ? { type: "leaving" } : { type: "for", leftMs }
}

// Answers for pages of origins that the owner allowed. Without any there is no CORS header at all.
import type { ReplyHeaders } from "../route.ts"

/** What the clients of the three dialects send. */
const HEADERS = new Set([
  "accept",
  "anthropic-beta",
  "anthropic-dangerous-direct-browser-access",
  "anthropic-version",
  "authorization",
  "content-type",
  "x-api-key",
])
const SDK_HEADER = /^x-stainless-[a-z-]{1,40}$/
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
const EXPOSED = "fireside-dropped, fireside-ignored-fields, request-id, retry-after, x-request-id"

export function corsHeaders(origin: string): ReplyHeaders {
  return { "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED, vary: "Origin" }
}

/** For an `OPTIONS` request. `requested` is its `Access-Control-Request-Headers`. */
export function preflightHeaders(origin: string, requested: string | undefined): ReplyHeaders {
  const names = (requested ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => HEADERS.has(name) || SDK_HEADER.test(name))
  return {
    ...corsHeaders(origin),
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": names.join(", "),
    "access-control-max-age": "600",
  }
}

// How long a client that was refused should wait.
import type { ErrorBody } from "@fireside/protocol"
import type { WireError } from "../route.ts"

/** The header `retry-after`, in whole seconds, for an error that says it; otherwise none. */
export function retryAfter({ details }: ErrorBody): Pick<WireError, "headers"> {
  const seconds = details?.retryAfterSeconds
  return typeof seconds === "number" ? { headers: { "retry-after": String(Math.ceil(seconds)) } } : {}
}

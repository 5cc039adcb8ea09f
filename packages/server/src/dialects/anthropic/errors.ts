// Errors as Anthropic's clients read them: they look at the status, then at `error.type`; coding agents read the numbers of an overflow out of
// its message.
import { ERROR_CODES, type ErrorBody, type ErrorCode } from "@fireside/protocol"
import type { WireError } from "../../route.ts"
import { retryAfter } from "../retry-after.ts"

/** The answer to a request that failed before it had one. */
export function encodeError(error: ErrorBody, requestId: string): WireError {
  return {
    status: ERROR_CODES[error.code].status,
    body: errorObject(error, requestId),
    headers: { "request-id": requestId, ...retryAfter(error).headers },
  }
}

export interface ErrorObject {
  readonly type: "error"
  readonly error: { readonly type: string; readonly message: string }
  readonly request_id: string
}

/** A body, and the data of the `error` event that ends a stream. */
export function errorObject(error: ErrorBody, requestId: string): ErrorObject {
  return {
    type: "error",
    error: { type: typeOf(error.code), message: messageOf(error, requestId) },
    request_id: requestId,
  }
}

function messageOf(error: ErrorBody, requestId: string): string {
  // The text of a mistake of ours may hold paths; its owner finds it in the log.
  if (error.code === "internal")
    return `The server made a mistake; its log has it under request ${requestId}.`
  const overflow = error.code === "context-overflow" ? overflowMessage(error) : undefined
  const message = overflow ?? error.message
  return error.hint === undefined ? message : `${message} ${error.hint}`
}

/** In the words that clients look for: on them they shorten the conversation. */
function overflowMessage({ details = {} }: ErrorBody): string | undefined {
  const { promptTokens, promptBytes, limitBytes, contextLength } = details
  if (promptTokens !== undefined && contextLength !== undefined)
    return `prompt is too long: ${promptTokens} tokens > ${contextLength} maximum.`
  if (promptBytes !== undefined && limitBytes !== undefined)
    return `prompt is too long: ${promptBytes} bytes > ${limitBytes} maximum.`
  return undefined
}

function typeOf(code: ErrorCode): string {
  const { status } = ERROR_CODES[code]
  const named = TYPES[status]
  if (named !== undefined) return named
  return status >= 500 ? "api_error" : "invalid_request_error"
}

/** The numbers are ours also where Anthropic has its own (529 for an overload): proxies and clients know them. */
const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
}

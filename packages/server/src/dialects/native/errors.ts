// An error as the native API writes it: the code of our own table, and the id under which the log has it.
import { ERROR_CODES, type ErrorBody } from "@fireside/protocol"
import type { WireError } from "../../route.ts"

export function encodeError(error: ErrorBody, requestId: string): WireError {
  const { code, message, hint, details } = error
  const seconds = details?.retryAfterSeconds
  return {
    status: ERROR_CODES[code].status,
    body: {
      error: {
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(details === undefined ? {} : { details }),
      },
      requestId,
    },
    ...(typeof seconds === "number" ? { headers: { "retry-after": String(Math.ceil(seconds)) } } : {}),
  }
}

// An error as the native API writes it: the code of our own table, and the id under which the log has it.
import { ERROR_CODES, type ErrorBody } from "@fireside/protocol"
import type { WireError } from "../../route.ts"
import { retryAfter } from "../retry-after.ts"

export function encodeError(error: ErrorBody, requestId: string): WireError {
  return { status: ERROR_CODES[error.code].status, body: { error, requestId }, ...retryAfter(error) }
}

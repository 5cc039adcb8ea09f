// Errors as OpenAI's clients read them. They look at the status first, then at `code`; `param` names the field that is wrong.
import { ERROR_CODES, type ErrorBody, type ErrorCode } from "@fireside/protocol"
import type { WireError } from "../../route.ts"
import { retryAfter } from "../retry-after.ts"

/** The answer to a request that failed before it had one. */
export function encodeError(error: ErrorBody, requestId: string): WireError {
  return {
    status: ERROR_CODES[error.code].status,
    body: errorObject(error, requestId),
    ...retryAfter(error),
  }
}

/** `{"error": {…}}`: a body, and the last frame of a stream that failed. */
export function errorObject(error: ErrorBody, requestId: string): { error: Record<string, unknown> } {
  return {
    error: {
      message: messageOf(error, requestId),
      type: typeOf(error.code),
      param: error.details?.field ?? null,
      code: codeOf(error.code),
      ...overflowNumbers(error),
    },
  }
}

function messageOf(error: ErrorBody, requestId: string): string {
  // The text of a mistake of ours may hold paths; its owner finds it in the log.
  if (error.code === "internal")
    return `The server made a mistake; its log has it under request ${requestId}.`
  return error.hint === undefined ? error.message : `${error.message} ${error.hint}`
}

function typeOf(code: ErrorCode): string {
  if (code === "context-overflow") return "exceed_context_size_error"
  const { status } = ERROR_CODES[code]
  if (code === "unauthorised" || code === "forbidden") return "authentication_error"
  if (status === 404) return "not_found_error"
  return status === 429 || status >= 500 ? "api_error" : "invalid_request_error"
}

const CODES: Partial<Record<ErrorCode, string>> = {
  "context-overflow": "context_length_exceeded",
  "model-not-found": "model_not_found",
  "rate-limited": "rate_limit_exceeded",
  unauthorised: "invalid_api_key",
}

function codeOf(code: ErrorCode): string {
  return CODES[code] ?? code.replaceAll("-", "_")
}

function overflowNumbers({ code, details }: ErrorBody): Record<string, unknown> {
  if (code !== "context-overflow") return {}
  return { n_prompt_tokens: details?.promptTokens, n_ctx: details?.contextLength }
}

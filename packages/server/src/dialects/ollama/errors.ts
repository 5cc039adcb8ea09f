// An error in Ollama's form: one text. Clients show it, and some look for its words, so those that they look for are Ollama's.
import { ERROR_CODES, type ErrorBody } from "@fireside/protocol"
import type { WireError } from "../../route.ts"
import { retryAfter } from "../retry-after.ts"

export function encodeError(error: ErrorBody, requestId: string): WireError {
  return {
    status: ERROR_CODES[error.code].status,
    body: { error: textOf(error, requestId) },
    ...retryAfter(error),
  }
}

function textOf(error: ErrorBody, requestId: string): string {
  const { code, message, hint, details } = error
  switch (code) {
    case "internal":
      return `internal error; the log says more under request ${requestId}`
    case "model-not-found": {
      const name = details?.name
      return typeof name === "string"
        ? joinTexts(`model ${JSON.stringify(name)} not found: ${lowered(message)}`, hint)
        : joinTexts(`model not found: ${lowered(message)}`, hint)
    }
    case "licence-not-accepted":
      return joinTexts(message, hint, 'A request says so with "accept_licence": true.')
    default:
      return joinTexts(message, hint)
  }
}

const lowered = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`

const joinTexts = (...texts: readonly (string | undefined)[]): string =>
  texts.filter((text) => text !== undefined && text !== "").join(" ")

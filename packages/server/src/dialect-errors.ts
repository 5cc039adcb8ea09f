// The one place that knows which dialect writes which error.
import { AppError, type ErrorBody, toErrorBody } from "@fireside/protocol"
import { encodeError as encodeAnthropic } from "./dialects/anthropic/errors.ts"
import { encodeError as encodeNative } from "./dialects/native/errors.ts"
import { encodeError as encodeOllama } from "./dialects/ollama/errors.ts"
import { encodeError as encodeOpenai } from "./dialects/openai/errors.ts"
import type { DialectName, WireError } from "./route.ts"

const ENCODERS: Readonly<Record<DialectName, (error: ErrorBody, requestId: string) => WireError>> = {
  openai: encodeOpenai,
  ollama: encodeOllama,
  anthropic: encodeAnthropic,
  native: encodeNative,
}

export function encodeFor(dialect: DialectName, error: unknown, requestId: string): WireError {
  return ENCODERS[dialect](publicBody(error), requestId)
}

/** What a client may know of an error: of our own mistakes only that there was one. */
function publicBody(error: unknown): ErrorBody {
  if (error instanceof AppError) return toErrorBody(error)
  const body = toErrorBody(error)
  return body.code === "internal"
    ? { code: "internal", message: "The server made a mistake; its log has the details." }
    : body
}

// The one place that knows which dialect writes which error.
import type { ErrorBody } from "@fireside/protocol"
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

export function encodeFor(dialect: DialectName, error: ErrorBody, requestId: string): WireError {
  return ENCODERS[dialect](error, requestId)
}

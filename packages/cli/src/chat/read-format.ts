// `--format json|FILE`: any JSON, a JSON schema from a file, or a GBNF grammar from a file that ends in `.gbnf`.
import { AppError, GRAMMAR_LIMITS, REQUEST_LIMITS, type ResponseFormat } from "@fireside/protocol"
import { readNamedFile } from "../terminal/read-named-file.ts"

const HINT = "--format takes json, a file with a JSON schema, or a file with a grammar (.gbnf)."

/** Throws `bad-request` for a file that cannot be read or is no JSON. */
export async function readFormat(value: string): Promise<ResponseFormat> {
  if (value === "text") return { type: "text" }
  if (value === "json") return { type: "json" }
  const text = await readNamedFile(value, HINT)
  if (value.endsWith(".gbnf")) {
    limit(value, text, GRAMMAR_LIMITS.gbnfBytes)
    return { type: "gbnf", grammar: text }
  }
  limit(value, text, REQUEST_LIMITS.bodyBytes)
  try {
    return { type: "json-schema", schema: JSON.parse(text) as unknown }
  } catch (cause) {
    throw new AppError("bad-request", { message: `${value} is no JSON: ${(cause as Error).message}`, cause })
  }
}

function limit(path: string, text: string, bytes: number): void {
  const size = Buffer.byteLength(text)
  if (size <= bytes) return
  throw new AppError("bad-grammar", { message: `${path} has ${size} bytes; at most ${bytes} are read.` })
}

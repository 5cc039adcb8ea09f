// `--format json|FILE`: any JSON, a JSON schema from a file, or a GBNF grammar from a file that ends in `.gbnf`.
import { readFile } from "node:fs/promises"
import { AppError, GRAMMAR_LIMITS, REQUEST_LIMITS, type ResponseFormat } from "@fireside/protocol"

/** Throws `bad-request` for a file that cannot be read or is no JSON. */
export async function readFormat(value: string): Promise<ResponseFormat> {
  if (value === "text") return { type: "text" }
  if (value === "json") return { type: "json" }
  const text = await read(value)
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

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new AppError("bad-request", {
      message: code === "ENOENT" ? `There is no file ${path}.` : `${path} cannot be read (${code}).`,
      hint: "--format takes json, a file with a JSON schema, or a file with a grammar (.gbnf).",
      cause,
    })
  }
}

function limit(path: string, text: string, bytes: number): void {
  const size = Buffer.byteLength(text)
  if (size <= bytes) return
  throw new AppError("bad-grammar", { message: `${path} has ${size} bytes; at most ${bytes} are read.` })
}

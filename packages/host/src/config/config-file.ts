// `config.json` of the data folder: one flat object.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { AppError } from "@fireside/protocol"
import { systemCode } from "../write-error.ts"

/** A file of settings is some hundred bytes. */
const LARGEST_FILE_BYTES = 256 * 1_024

export function configPathOf(home: string): string {
  return join(home, "config.json")
}

/** The file's object; empty when there is no file. Throws `bad-config` naming the file. */
export function readConfigFile(path: string): Readonly<Record<string, unknown>> {
  const text = readText(path)
  if (text === undefined) return {}
  if (text.length > LARGEST_FILE_BYTES) throw badFile(path, `it is larger than ${LARGEST_FILE_BYTES} bytes`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badFile(path, error instanceof Error ? error.message : "it is not JSON", error)
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badFile(path, "it does not hold one JSON object")
  // JSON objects have text keys; the values are looked at one by one.
  return value as Record<string, unknown>
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "")
  } catch (error) {
    const code = systemCode(error)
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw badFile(path, error instanceof Error ? error.message : String(error), error)
  }
}

function badFile(path: string, problem: string, cause?: unknown): AppError {
  return new AppError("bad-config", {
    message: `The settings file ${path} cannot be read: ${problem}.`,
    hint: "Correct it, or move it away to begin with the defaults.",
    details: { source: path },
    cause,
  })
}

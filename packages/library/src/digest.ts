// The one function that lets a digest from outside become a file name. Nothing else may build a blob's name.
import { AppError } from "@fireside/protocol"

const DIGEST = /^sha256[:-]([0-9a-f]{64})$/

/** The 64 hex digits of `sha256:<hex>` or `sha256-<hex>`; undefined when the text is anything else. */
export function digestHex(text: string): string | undefined {
  return DIGEST.exec(text)?.[1]
}

/** As `digestHex`; throws `bad-response`, because a digest that comes from outside is somebody's answer. */
export function requireDigestHex(text: unknown, from: string): string {
  const hex = typeof text === "string" ? digestHex(text) : undefined
  if (hex === undefined) {
    throw new AppError("bad-response", {
      message: `${from} gives a digest that is not sha256 and 64 lower-case hex digits.`,
      details: { rule: "digest", value: String(text).slice(0, 100) },
    })
  }
  return hex
}

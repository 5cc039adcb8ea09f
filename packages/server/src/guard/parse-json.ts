// JSON from outside, bounded before it is parsed: depth, keys, values, no key twice, no names that reach into an object's prototype.
// One pass over the bytes, about 2 ms a megabyte; what passes is parsed by the engine's own parser.
import { AppError, HTTP_LIMITS } from "@fireside/protocol"

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c

interface Level {
  /** Undefined for an array. */
  readonly keys: Set<string> | undefined
  /** The key whose value is being read. */
  key: string
  /** In an object: a string that comes now is a key. */
  expectsKey: boolean
}

/** Throws `bad-request` for what is no JSON, is not allowed in it or goes past a limit. */
export function parseJson(bytes: Buffer): unknown {
  const text = decode(bytes)
  examine(bytes)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError("bad-request", { message: "The body is not valid JSON.", cause })
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch (cause) {
    throw new AppError("bad-request", { message: "The body is not valid UTF-8.", cause })
  }
}

function examine(bytes: Buffer): void {
  const levels: Level[] = []
  let keys = 0
  let values = 0
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at]
    switch (byte) {
      case QUOTE: {
        const end = endOfString(bytes, at)
        const level = levels.at(-1)
        if (level?.keys !== undefined && level.expectsKey) {
          keys += 1
          if (keys > HTTP_LIMITS.jsonKeys) throw tooMuch(`more than ${HTTP_LIMITS.jsonKeys} keys`)
          level.key = takeKey(bytes.subarray(at, end + 1), level.keys, levels.at(-2)?.key)
          level.expectsKey = false
        }
        at = end
        break
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        values += 1
        if (values > HTTP_LIMITS.jsonValues) throw tooMany()
        if (levels.length >= HTTP_LIMITS.jsonDepth) throw tooMuch(`more than ${HTTP_LIMITS.jsonDepth} levels`)
        levels.push({
          keys: byte === OPEN_OBJECT ? new Set() : undefined,
          key: "",
          expectsKey: byte === OPEN_OBJECT,
        })
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        levels.pop()
        break
      case COMMA: {
        values += 1
        if (values > HTTP_LIMITS.jsonValues) throw tooMany()
        const level = levels.at(-1)
        if (level !== undefined) level.expectsKey = level.keys !== undefined
        break
      }
      default:
    }
    at += 1
  }
}

/** Offset of the closing quote; the end of the bytes when there is none (the parser refuses that). Byte by byte: a search would start anew at each quote. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) at += 1
  }
  return bytes.length
}

function takeKey(quoted: Buffer, seen: Set<string>, parent: string | undefined): string {
  const key = unquote(quoted)
  if (key === "__proto__" || (key === "prototype" && parent === "constructor"))
    throw new AppError("bad-request", {
      message: `The body has a key ${JSON.stringify(key)}, which is not allowed.`,
    })
  if (seen.has(key))
    throw new AppError("bad-request", {
      message: `The body has the key ${JSON.stringify(key.slice(0, 100))} twice in one object.`,
    })
  seen.add(key)
  return key
}

function unquote(quoted: Buffer): string {
  const text = quoted.toString()
  if (!text.includes("\\")) return text.slice(1, -1)
  try {
    return String(JSON.parse(text))
  } catch (cause) {
    throw new AppError("bad-request", { message: "The body is not valid JSON.", cause })
  }
}

function tooMany(): AppError {
  return tooMuch(`more than ${HTTP_LIMITS.jsonValues} values`)
}

function tooMuch(what: string): AppError {
  return new AppError("bad-request", { message: `The body has ${what}, and no more are read.` })
}

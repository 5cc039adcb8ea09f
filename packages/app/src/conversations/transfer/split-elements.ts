// A JSON file of any size → the elements of its list, one at a time, as text. Bounded: no more than one element is in memory. What an element
// holds is not looked at beyond its brackets and quotes; its reader parses it.
import { AppError, CONVERSATION_LIMITS } from "@fireside/protocol"

export type Element =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "problem"; readonly reason: "too-large" | "damaged"; readonly message: string }

export interface SplitLimits {
  readonly elementBytes: number
  readonly depth: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const COMMA = 0x2c

/** A file that is one object is its only element. Throws `bad-request` for what is neither. */
export async function* splitElements(
  bytes: AsyncIterable<Uint8Array>,
  limits: SplitLimits = {
    elementBytes: CONVERSATION_LIMITS.importConversationBytes,
    depth: CONVERSATION_LIMITS.importDepth,
  },
): AsyncGenerator<Element, void> {
  const splitter = createSplitter(limits)
  for await (const chunk of bytes) yield* splitter.push(chunk)
  yield* splitter.end()
}

interface Splitter {
  push(chunk: Uint8Array): readonly Element[]
  end(): readonly Element[]
}

function createSplitter(limits: SplitLimits): Splitter {
  let place: "start" | "list" | "element" | "end" = "start"
  let isOneObject = false
  let depth = 0
  let inText = false
  let escaped = false
  let pieces: Uint8Array[] = []
  let size = 0
  let problem: Element | undefined
  let hasTail = false

  const take = (piece: Uint8Array): void => {
    size += piece.length
    if (size > limits.elementBytes) {
      pieces = []
      problem ??= {
        type: "problem",
        reason: "too-large",
        message: `It has more than ${limits.elementBytes} bytes.`,
      }
    }
    // The chunk belongs to whoever gave it.
    if (problem === undefined) pieces.push(piece.slice())
  }
  const finish = (): Element => {
    const element = problem ?? { type: "text", text: Buffer.concat(pieces).toString("utf8") }
    pieces = []
    size = 0
    problem = undefined
    place = isOneObject ? "end" : "list"
    return element
  }
  /** Whether this byte is the last of its element; `before` when it stands behind the last one. */
  const step = (byte: number): "inside" | "last" | "before" => {
    if (inText) {
      if (escaped) escaped = false
      else if (byte === BACKSLASH) escaped = true
      else if (byte === QUOTE) inText = false
      return "inside"
    }
    if (byte === QUOTE) inText = true
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1
      if (depth > limits.depth)
        problem ??= {
          type: "problem",
          reason: "damaged",
          message: `It is nested deeper than ${limits.depth} levels.`,
        }
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (depth === 0) return "before"
      depth -= 1
      if (depth === 0) return "last"
    } else if (byte === COMMA && depth === 0) return "before"
    return "inside"
  }

  return {
    push(chunk) {
      const found: Element[] = []
      let from = 0
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at] ?? 0
        if (place === "start") {
          // A mark of byte order may come first.
          if (isSpace(byte) || byte === 0xef || byte === 0xbb || byte === 0xbf) continue
          if (byte !== OPEN_LIST && byte !== OPEN_OBJECT) throw noList()
          isOneObject = byte === OPEN_OBJECT
          place = isOneObject ? "element" : "list"
          from = at
          if (isOneObject) depth = 1
          continue
        }
        if (place === "end") {
          if (!isSpace(byte)) hasTail = true
          continue
        }
        if (place === "list") {
          if (isSpace(byte) || byte === COMMA) continue
          if (byte === CLOSE_LIST) {
            place = "end"
            continue
          }
          place = "element"
          from = at
        }
        const where = step(byte)
        if (where === "inside") continue
        take(chunk.subarray(from, where === "last" ? at + 1 : at))
        found.push(finish())
        // The bracket of the list itself, behind an element that is no object.
        if (where === "before" && byte === CLOSE_LIST) place = "end"
      }
      if (place === "element") take(chunk.subarray(from))
      return found
    },
    end() {
      if (place === "start") throw noList()
      if (place === "end" && !hasTail) return []
      const message = hasTail ? "The file goes on behind its end." : "The file ends in the middle."
      return [{ type: "problem", reason: "damaged", message }]
    },
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

const noList = (): AppError =>
  new AppError("bad-request", {
    message: "This is no list of conversations.",
    hint: "Give the file conversations.json of ChatGPT or Claude, an export of Open WebUI, or one of Fireside. An archive is unpacked first.",
  })

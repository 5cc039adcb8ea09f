// Server-sent events out of text that comes in pieces, cut anywhere. Nothing is interpreted: a name and its data.
import { AppError } from "../errors.ts"
import { CLIENT_LIMITS } from "../limits.ts"

export interface ServerEvent {
  /** `message` when the stream names none. */
  readonly name: string
  readonly data: string
}

export interface EventStreamParser {
  /** The events that `text` completes. Throws `bad-response` for an event beyond `CLIENT_LIMITS.eventCharacters`. */
  push(text: string): readonly ServerEvent[]
}

/** By the standard's rules: CR, LF or CRLF end a line, an empty line ends an event, one that was not ended is none. */
export function createEventStreamParser(): EventStreamParser {
  let rest = ""
  let isFirst = true
  let endedInReturn = false
  let name = ""
  let data: string[] = []
  let size = 0

  const takeLine = (line: string): ServerEvent | undefined => {
    if (line === "") {
      const event = data.length === 0 ? undefined : { name: name || "message", data: data.join("\n") }
      name = ""
      data = []
      size = 0
      return event
    }
    const colon = line.indexOf(":")
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1)
    size += line.length
    if (field === "event") name = value
    if (field === "data") data.push(value)
    return undefined
  }

  return {
    push(text) {
      if (text === "") return []
      let given = text
      if (isFirst) given = given.replace(/^\uFEFF/, "")
      isFirst = false
      // The second half of a CRLF that was cut in the middle.
      if (endedInReturn && given.startsWith("\n")) given = given.slice(1)
      endedInReturn = text.endsWith("\r")
      // The piece that goes on a line is looked through only itself: a long line in many pieces must not cost their square.
      const lines = given.split(/\r\n|\n|\r/)
      const events: ServerEvent[] = []
      for (const [at, part] of lines.entries()) {
        rest += part
        if (size + rest.length > CLIENT_LIMITS.eventCharacters) throw tooLong()
        if (at === lines.length - 1) break
        const event = takeLine(rest)
        rest = ""
        if (event !== undefined) events.push(event)
      }
      return events
    },
  }
}

const tooLong = (): AppError =>
  new AppError("bad-response", {
    message: `The server sent an event of more than ${CLIENT_LIMITS.eventCharacters} characters.`,
    hint: "Is it a Fireside server of this version?",
  })

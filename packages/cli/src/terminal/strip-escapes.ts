// Text from a model or a server must not drive the terminal: C0 and C1 controls, and whole escape sequences, are taken out.
// Line feeds and tabs stay; a carriage return goes, because it would overwrite what was shown.

/** A sequence that does not end within this many characters is given up; its characters are not shown. */
const STRING_LIMIT = 4_096

type State = "text" | "escape" | "sequence" | "string" | "string-escape"

export interface EscapeStripper {
  /** The harmless part of a piece of a stream; sequences cut between pieces are recognised. */
  strip(text: string): string
}

const ESC = 0x1b
const BEL = 0x07
const CSI = 0x9b
const ST = 0x9c

/** Introducers of strings that end in BEL or ST, after ESC: `P` DCS, `X` SOS, `]` OSC, `^` PM, `_` APC. */
const STRING_AFTER_ESCAPE = new Set([..."PX]^_"].map((it) => it.charCodeAt(0)))
/** The same as single C1 characters. */
const STRING_C1 = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f])

export function createEscapeStripper(): EscapeStripper {
  let state: State = "text"
  let length = 0

  /** The state after this character; `true` when the character itself is shown. */
  function step(code: number): boolean {
    switch (state) {
      case "text":
        return begin(code)
      case "escape":
        if (code === 0x5b) state = "sequence"
        else if (STRING_AFTER_ESCAPE.has(code)) beginString()
        // Intermediate bytes (character sets and the like) are followed by one more.
        else if (code < 0x20 || code > 0x2f) return endWith(code, code >= 0x30 && code <= 0x7e)
        return false
      case "sequence":
        if (code >= 0x20 && code <= 0x3f) return false
        return endWith(code, code >= 0x40 && code <= 0x7e)
      case "string":
        length += 1
        if (code === BEL || code === ST || length > STRING_LIMIT) state = "text"
        else if (code === ESC) state = "string-escape"
        else if (code === 0x0a) return endWith(code, false)
        return false
      case "string-escape":
        state = "text"
        // ESC \ ends the string; anything else begins a new sequence.
        if (code === 0x5c) return false
        state = "escape"
        return step(code)
      default:
        return state satisfies never
    }
  }

  /** Back to text. `final` is a sequence's own last character; another one is judged as text. */
  function endWith(code: number, final: boolean): boolean {
    state = "text"
    return final ? false : begin(code)
  }

  function beginString(): void {
    state = "string"
    length = 0
  }

  function begin(code: number): boolean {
    if (code === ESC) state = "escape"
    else if (code === CSI) state = "sequence"
    else if (STRING_C1.has(code)) beginString()
    else return code === 0x0a || code === 0x09 || (code >= 0x20 && (code < 0x7f || code > 0x9f))
    return false
  }

  return {
    strip(text) {
      let clean = ""
      let shownFrom = -1
      for (let at = 0; at < text.length; at += 1) {
        if (step(text.charCodeAt(at))) {
          if (shownFrom < 0) shownFrom = at
        } else if (shownFrom >= 0) {
          clean += text.slice(shownFrom, at)
          shownFrom = -1
        }
      }
      return shownFrom < 0 ? clean : clean + text.slice(shownFrom)
    },
  }
}

/** For texts that come whole: names, messages, licences. */
export function stripEscapes(text: string): string {
  return createEscapeStripper().strip(text)
}

/** JSON that is harmless on a terminal too: `JSON.stringify` escapes C0 controls, but not DEL and C1. */
export function toJsonLine(value: unknown): string {
  const escaped = JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
  return `${escaped}\n`
}

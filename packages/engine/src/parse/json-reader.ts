// Reads one JSON value character by character and gives it back as valid JSON, repaired where only one repair is possible:
// trailing commas, single quotes, raw line ends in strings, Python's constants, missing closing brackets.

export type JsonState = "open" | "complete" | "broken"

export interface JsonReader {
  readonly state: JsonState
  /** How many characters of `text` were taken: all, or up to the end of the value, or up to what broke it. */
  push(text: string): { readonly output: string; readonly taken: number }
  /** What was taken and not given out: it waits for what follows. */
  readonly waiting: string
  /** What closes the value when nothing more comes; undefined when that would be a guess. */
  close(): string | undefined
}

type Expect = "value" | "first-value" | "key" | "first-key" | "colon" | "comma"

const CONSTANTS: Readonly<Record<string, string>> = {
  true: "true",
  false: "false",
  null: "null",
  True: "true",
  False: "false",
  None: "null",
}
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/
const ESCAPED_CONTROLS: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }
const HEX = /[0-9a-fA-F]/
const DEPTH = 256

export function createJsonReader(): JsonReader {
  const stack: ("{" | "[")[] = []
  let state: JsonState = "open"
  let expect: Expect = "value"
  /** Quote of the string that is open; empty outside strings. */
  let quote = ""
  let escaped = ""
  /** A number or a constant whose end has not been seen. */
  let word = ""
  /** A comma and white space that wait for what follows. */
  let held = ""

  const afterValue = (): void => {
    if (stack.length === 0) state = "complete"
    expect = "comma"
  }
  const release = (): string => {
    const output = held
    held = ""
    return output
  }
  const endWord = (): string | undefined => {
    const text = Object.hasOwn(CONSTANTS, word) ? CONSTANTS[word] : NUMBER.test(word) ? word : undefined
    if (text === undefined) return undefined
    word = ""
    afterValue()
    return text
  }
  const inString = (char: string): string | undefined => {
    if (escaped !== "") return inEscape(char)
    if (char === "\\") {
      escaped = char
      return ""
    }
    if (char === quote) {
      quote = ""
      if (expect === "key" || expect === "first-key") expect = "colon"
      else afterValue()
      return '"'
    }
    if (char === '"') return '\\"'
    return char < " "
      ? (ESCAPED_CONTROLS[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
      : char
  }
  const inEscape = (char: string): string | undefined => {
    if (escaped.startsWith("\\u")) {
      if (!HEX.test(char)) return undefined
      escaped += char
      if (escaped.length < 6) return ""
    } else if (char === "u") {
      escaped = "\\u"
      return ""
    } else if (char === "'") escaped = char
    else if ('"\\/bfnrt'.includes(char)) escaped += char
    else return undefined
    const output = escaped
    escaped = ""
    return output
  }
  const closeBracket = (char: "}" | "]"): string | undefined => {
    const opening = char === "}" ? "{" : "["
    const ended =
      expect === "comma" || expect === "first-key" || expect === "first-value" || held.includes(",")
    if (!ended) return undefined
    held = held.includes(",") ? "" : held
    let output = release()
    // `[1, 2}` inside an object: the list's end was forgotten, and only it can have been.
    if (stack.at(-1) !== opening && stack.at(-2) === opening) output += stack.pop() === "[" ? "]" : "}"
    if (stack.at(-1) !== opening) return undefined
    stack.pop()
    afterValue()
    return output + char
  }
  const openBracket = (char: "{" | "["): string | undefined => {
    if (stack.length >= DEPTH) return undefined
    stack.push(char)
    expect = char === "{" ? "first-key" : "first-value"
    return release() + char
  }
  /** The output for one character outside strings; undefined when the value is broken there. */
  const outside = (char: string): string | undefined => {
    if (" \n\r\t".includes(char)) {
      held += char
      return held.includes(",") ? "" : release()
    }
    if (char === "}" || char === "]") return closeBracket(char)
    if (char === ",") {
      if (expect !== "comma") return undefined
      held += char
      expect = stack.at(-1) === "{" ? "key" : "value"
      return ""
    }
    if (char === ":") {
      if (expect !== "colon") return undefined
      expect = "value"
      return release() + char
    }
    if (char === '"' || char === "'") {
      if (expect === "colon" || expect === "comma") return undefined
      quote = char
      return `${release()}"`
    }
    if (expect !== "value" && expect !== "first-value") return undefined
    if (char === "{" || char === "[") return openBracket(char)
    if (!/[-0-9a-zA-Z]/.test(char)) return undefined
    word = char
    return release()
  }
  const step = (char: string): string | undefined => {
    if (quote !== "") return inString(char)
    if (word === "") return outside(char)
    if (/[-+.0-9a-zA-Z]/.test(char) && word.length < 64) {
      word += char
      return ""
    }
    const ended = endWord()
    if (ended === undefined) return undefined
    const next = state === "complete" ? undefined : outside(char)
    return next === undefined ? undefined : ended + next
  }

  return {
    get state() {
      return state
    },
    get waiting() {
      return held + word + escaped
    },
    push(text) {
      let output = ""
      let taken = 0
      while (taken < text.length && state === "open") {
        const char = text[taken] ?? ""
        const before = word
        const piece = step(char)
        if (piece === undefined) {
          // A word that ended well before the character that broke the value still belongs to the output.
          if (before !== "" && word === "")
            output += Object.hasOwn(CONSTANTS, before) ? CONSTANTS[before] : before
          state = stack.length === 0 && expect === "comma" ? "complete" : "broken"
          break
        }
        output += piece
        taken += 1
      }
      return { output, taken }
    },
    close() {
      if (quote !== "" || expect === "colon") return undefined
      let output = ""
      if (word !== "") {
        const ended = endWord()
        if (ended === undefined) return undefined
        output += ended
      }
      if (expect === "value" && !held.includes(",")) return undefined
      held = ""
      for (let open = stack.pop(); open !== undefined; open = stack.pop()) output += open === "{" ? "}" : "]"
      state = "complete"
      return output
    },
  }
}

/** The whole text as one JSON value, repaired; undefined when it is none. White space around it is fine. */
export function repairJson(text: string): unknown {
  const trimmed = text.trim()
  const reader = createJsonReader()
  const { output, taken } = reader.push(trimmed)
  if (reader.state === "broken" || trimmed.slice(taken).trim() !== "") return undefined
  const closing = reader.state === "complete" ? "" : reader.close()
  if (closing === undefined) return undefined
  try {
    return JSON.parse(output + closing)
  } catch {
    return undefined
  }
}

// A safe part of regular expressions → GBNF of the text between the quotes of a JSON string.
// Never run as a regular expression: what is not of the part below is refused.
import { GRAMMAR_LIMITS } from "@fireside/protocol"
import { badGrammar } from "./bad-grammar.ts"
import { classRange, literal, PLAIN_CHAR } from "./gbnf-builder.ts"

type Ranges = readonly (readonly [number, number])[]

interface Piece {
  readonly gbnf: string
  /** May match nothing. */
  readonly empty: boolean
  /** Is nothing but a repetition without bound and things that may be empty: repeating it again is ambiguous. */
  readonly loose: boolean
}

const NESTING = 32
const MAX_CODE = 0x10ffff
const DIGIT: Ranges = [[0x30, 0x39]]
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
const SPACE: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
const CLASS_ESCAPES: Readonly<Record<string, Ranges>> = { d: DIGIT, w: WORD, s: SPACE }
const CONTROL_ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11 }
const QUANTIFIERS: Readonly<Record<string, readonly [number, number]>> = {
  "*": [0, Number.POSITIVE_INFINITY],
  "+": [1, Number.POSITIVE_INFINITY],
  "?": [0, 1],
}

/** The pattern may match anywhere in the text, as JSON schema has it, unless `^` and `$` say otherwise. */
export function patternToGbnf(pattern: string, where: string): string {
  if (Buffer.byteLength(pattern) > GRAMMAR_LIMITS.schemaPatternBytes)
    throw badGrammar(`\`pattern\` is longer than ${GRAMMAR_LIMITS.schemaPatternBytes} bytes`, where)
  return new PatternParser(pattern, where).parse()
}

class PatternParser {
  readonly #source: readonly string[]
  readonly #where: string
  #at = 0

  constructor(pattern: string, where: string) {
    this.#source = [...pattern]
    this.#where = where
  }

  parse(): string {
    const alternatives: string[] = []
    do {
      const start = this.#take("^") ? "" : `${PLAIN_CHAR}* `
      const body = this.#sequence(0, true)
      const end = this.#take("$") ? "" : ` ${PLAIN_CHAR}*`
      alternatives.push(`${start}${body.gbnf}${end}`)
    } while (this.#take("|"))
    if (this.#at < this.#source.length) throw this.#refuse(`\`${this.#source[this.#at]}\` here`)
    return alternatives.join(" | ")
  }

  #refuse(what: string): Error {
    return badGrammar(`\`pattern\` cannot be enforced: ${what} is not supported`, this.#where)
  }

  #take(char: string): boolean {
    if (this.#source[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  #alternatives(depth: number): Piece {
    if (depth > NESTING) throw this.#refuse(`nesting of more than ${NESTING} levels`)
    const pieces = [this.#sequence(depth, false)]
    while (this.#take("|")) pieces.push(this.#sequence(depth, false))
    return {
      gbnf: `(${pieces.map((piece) => piece.gbnf).join(" | ")})`,
      empty: pieces.some((piece) => piece.empty),
      loose: pieces.some((piece) => piece.loose),
    }
  }

  #sequence(depth: number, top: boolean): Piece {
    const pieces: Piece[] = []
    for (;;) {
      const char = this.#source[this.#at]
      const ends = char === undefined || char === "|" || char === ")" || (top && char === "$")
      if (ends) break
      pieces.push(this.#quantified(this.#atom(depth)))
    }
    return {
      gbnf: pieces.length === 0 ? '""' : pieces.map((piece) => piece.gbnf).join(" "),
      empty: pieces.every((piece) => piece.empty),
      loose: pieces.some((piece) => piece.loose) && pieces.every((piece) => piece.empty || piece.loose),
    }
  }

  #quantified(atom: Piece): Piece {
    const bounds = this.#quantifier()
    if (bounds === undefined) return atom
    // A lazy quantifier matches the same texts.
    this.#take("?")
    const [min, max] = bounds
    if (this.#quantifier() !== undefined) throw this.#refuse("a quantifier of a quantifier")
    if (max > 1 && atom.empty) throw this.#refuse("repeating what may be empty")
    if (max > 1 && atom.loose) throw this.#refuse("repeating a repetition")
    const count = max === min ? `{${min}}` : `{${min},${Number.isFinite(max) ? max : ""}}`
    return {
      gbnf: max === 0 ? '""' : `${atom.gbnf}${count}`,
      empty: min === 0,
      loose: !Number.isFinite(max) || (max <= 1 && atom.loose),
    }
  }

  #quantifier(): readonly [number, number] | undefined {
    const simple = QUANTIFIERS[this.#source[this.#at] ?? ""]
    if (simple !== undefined) {
      this.#at += 1
      return simple
    }
    const found = /^\{(\d{1,6})(,?)(\d{0,6})\}/.exec(this.#source.slice(this.#at, this.#at + 16).join(""))
    if (found === null) return undefined
    this.#at += found[0].length
    const min = Number(found[1])
    const max = found[2] === "" ? min : found[3] === "" ? Number.POSITIVE_INFINITY : Number(found[3])
    if (
      max < min ||
      min > GRAMMAR_LIMITS.gbnfRepetition ||
      (Number.isFinite(max) && max > GRAMMAR_LIMITS.gbnfRepetition)
    )
      throw this.#refuse(`the count ${found[0]}`)
    return [min, max]
  }

  #atom(depth: number): Piece {
    const char = this.#source[this.#at] ?? ""
    this.#at += 1
    if (char === "(") return this.#group(depth)
    if (char === "[") return one(this.#class())
    // Line ends are what `.` does not match; the two that JSON need not escape are left out here.
    if (char === ".") return one(`${PLAIN_CHAR.slice(0, -1)}\\u2028\\u2029]`)
    if (char === "\\") {
      const ranges = this.#escape()
      return one(typeof ranges === "number" ? jsonChar(ranges) : this.#written(ranges, false))
    }
    if ("^$*+?{}".includes(char)) throw this.#refuse(`\`${char}\` here`)
    return one(jsonChar(char.codePointAt(0) ?? 0))
  }

  #group(depth: number): Piece {
    if (this.#take("?") && !this.#take(":")) throw this.#refuse("a group with `?` (lookaround, names, flags)")
    const inner = this.#alternatives(depth + 1)
    if (!this.#take(")")) throw this.#refuse("a group without its end")
    return inner
  }

  /** A set of characters, or the number of one. */
  #escape(): Ranges | number {
    const char = this.#source[this.#at]
    if (char === undefined) throw this.#refuse("a `\\` at the end")
    this.#at += 1
    const ranges = CLASS_ESCAPES[char.toLowerCase()]
    if (ranges !== undefined) return char === char.toLowerCase() ? ranges : complement(ranges)
    const control = CONTROL_ESCAPES[char]
    if (control !== undefined) return control
    if (char === "x" || char === "u") {
      const width = char === "x" ? 2 : 4
      const hex = this.#source.slice(this.#at, this.#at + width).join("")
      const value = Number.parseInt(hex, 16)
      if (!/^[0-9A-Fa-f]+$/.test(hex) || hex.length !== width || (value >= 0xd800 && value <= 0xdfff))
        throw this.#refuse(`\`\\${char}${hex}\``)
      this.#at += width
      return value
    }
    if (/[A-Za-z0-9]/.test(char)) throw this.#refuse(`\`\\${char}\``)
    return char.codePointAt(0) ?? 0
  }

  #class(): string {
    const negated = this.#take("^")
    const ranges: (readonly [number, number])[] = []
    for (;;) {
      if (this.#at >= this.#source.length) throw this.#refuse("a set of characters without its end")
      if (this.#take("]")) break
      const low = this.#member()
      if (typeof low !== "number") {
        ranges.push(...low)
        continue
      }
      const dash = this.#source[this.#at] === "-" && this.#source[this.#at + 1] !== "]"
      if (!dash) {
        ranges.push([low, low])
        continue
      }
      this.#at += 1
      const high = this.#member()
      if (typeof high !== "number" || high < low) throw this.#refuse("a range like this in a set")
      ranges.push([low, high])
    }
    if (ranges.length === 0) throw this.#refuse("an empty set of characters")
    return this.#written(ranges, negated)
  }

  #written(ranges: Ranges, negated: boolean): string {
    const set = classOf(ranges, negated)
    if (set === undefined) throw this.#refuse("a set without any character that JSON can hold")
    return set
  }

  #member(): Ranges | number {
    const char = this.#source[this.#at] ?? ""
    this.#at += 1
    return char === "\\" ? this.#escape() : (char.codePointAt(0) ?? 0)
  }
}

const one = (gbnf: string): Piece => ({ gbnf, empty: false, loose: false })

function complement(ranges: Ranges): Ranges {
  const out: (readonly [number, number])[] = []
  let next = 0
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > next) out.push([next, low - 1])
    next = Math.max(next, high + 1)
  }
  if (next <= MAX_CODE) out.push([next, MAX_CODE])
  return out
}

/** One character as JSON writes it. */
const jsonChar = (code: number): string => literal(JSON.stringify(String.fromCodePoint(code)).slice(1, -1))

const ESCAPED = [0x22, 0x5c, 8, 9, 10, 12, 13]

function classOf(given: Ranges, negated: boolean): string | undefined {
  const ranges = negated ? complement(given) : given
  const plain: string[] = []
  for (const [low, high] of ranges)
    for (const [from, to] of withoutEscaped(low, high)) plain.push(classRange(from, to))
  // In a negated set, quote, backslash and controls are simply left out: fewer texts, all of them right.
  const escaped = negated
    ? []
    : ESCAPED.filter((code) => ranges.some(([low, high]) => low <= code && code <= high)).map(jsonChar)
  const parts = [...(plain.length === 0 ? [] : [`[${plain.join("")}]`]), ...escaped]
  return parts.length < 2 ? parts[0] : `(${parts.join(" | ")})`
}

/** The range without controls, quote, backslash and surrogates. */
function withoutEscaped(low: number, high: number): [number, number][] {
  const out: [number, number][] = []
  const allowed: Ranges = [
    [0x20, 0x21],
    [0x23, 0x5b],
    [0x5d, 0xd7ff],
    [0xe000, MAX_CODE],
  ]
  for (const [from, to] of allowed) {
    const start = Math.max(low, from)
    const end = Math.min(high, to)
    if (start <= end) out.push([start, end])
  }
  return out
}

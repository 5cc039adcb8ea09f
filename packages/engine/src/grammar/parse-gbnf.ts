// GBNF text → rules, with limits. It takes exactly what llama.cpp's parser takes, without its references to tokens.
import { GRAMMAR_LIMITS } from "@fireside/protocol"
import { badGrammar } from "./bad-grammar.ts"

export type GbnfItem =
  | { readonly type: "text"; readonly codes: readonly number[] }
  | {
      readonly type: "class"
      readonly negated: boolean
      readonly ranges: readonly (readonly [number, number])[]
    }
  | { readonly type: "any" }
  | { readonly type: "rule"; readonly name: string }
  | { readonly type: "group"; readonly alternatives: GbnfAlternatives }
  | { readonly type: "repeat"; readonly item: GbnfItem; readonly min: number; readonly max: number }

export type GbnfAlternatives = readonly (readonly GbnfItem[])[]
export type GbnfRules = ReadonlyMap<string, GbnfAlternatives>

export interface GbnfLimits {
  readonly bytes: number
  readonly rules: number
}

const RAW_GBNF_LIMITS: GbnfLimits = {
  bytes: GRAMMAR_LIMITS.gbnfBytes,
  rules: GRAMMAR_LIMITS.gbnfRules,
}

/** llama.cpp expands a repetition into as many rules, and refuses more than this for one item. */
const EXPANDED_RULES = 2_000

export function parseGbnf(source: string, limits: GbnfLimits = RAW_GBNF_LIMITS): GbnfRules {
  if (Buffer.byteLength(source) > limits.bytes)
    throw badGrammar(`The grammar is larger than ${limits.bytes} bytes.`)
  // The native parser stops at a zero: what follows would not be enforced.
  if (source.includes("\0")) throw badGrammar("The grammar has a zero character.")
  return new GbnfParser(source, limits).parse()
}

const WORD = /[A-Za-z0-9-]/
const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  r: "\r",
  n: "\n",
  "\\": "\\",
  '"': '"',
  "[": "[",
  "]": "]",
  "-": "-",
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** A class because the position must not leave it. */
class GbnfParser {
  readonly #source: string
  readonly #limits: GbnfLimits
  readonly #rules = new Map<string, GbnfAlternatives>()
  #at = 0
  #rule = ""
  /** Rules that llama.cpp makes of groups and repetitions. */
  #made = 0

  constructor(source: string, limits: GbnfLimits) {
    this.#source = source
    this.#limits = limits
  }

  parse(): GbnfRules {
    this.#space(true)
    while (this.#at < this.#source.length) {
      const name = this.#name()
      this.#rule = name
      this.#space(false)
      if (!this.#take("::=")) throw this.#bad("`::=` is missing")
      if (this.#rules.has(name)) throw this.#bad("the rule is defined twice")
      if (this.#rules.size >= this.#limits.rules)
        throw badGrammar(`The grammar has more than ${this.#limits.rules} rules.`)
      this.#space(true)
      this.#rules.set(name, this.#alternatives(0))
      if (this.#at < this.#source.length && !/[\r\n]/.test(this.#peek()))
        throw this.#bad("the line does not end")
      this.#space(true)
    }
    return this.#rules
  }

  #bad(problem: string): Error {
    const line = this.#source.slice(0, this.#at).split("\n").length
    return badGrammar(`The grammar is wrong in line ${line}: ${problem}.`, this.#rule || undefined)
  }

  #peek(): string {
    return this.#source[this.#at] ?? ""
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #space(newlines: boolean): void {
    for (;;) {
      const char = this.#peek()
      if (char === "#") while (this.#at < this.#source.length && !/[\r\n]/.test(this.#peek())) this.#at += 1
      else if (char === " " || char === "\t" || (newlines && (char === "\n" || char === "\r"))) this.#at += 1
      else return
    }
  }

  #name(): string {
    const start = this.#at
    while (WORD.test(this.#peek())) this.#at += 1
    if (start === this.#at) throw this.#bad("the name of a rule is missing")
    return this.#source.slice(start, this.#at)
  }

  #alternatives(depth: number): GbnfAlternatives {
    if (depth > GRAMMAR_LIMITS.gbnfNesting)
      throw badGrammar(`The grammar nests more than ${GRAMMAR_LIMITS.gbnfNesting} levels deep.`, this.#rule)
    const alternatives = [this.#sequence(depth)]
    while (this.#take("|")) {
      this.#space(true)
      alternatives.push(this.#sequence(depth))
    }
    return alternatives
  }

  #sequence(depth: number): readonly GbnfItem[] {
    const items: GbnfItem[] = []
    /** How many rules the last item stands for, as llama.cpp counts. */
    let weight = 1
    for (;;) {
      const repeat = this.#repetition(depth > 0)
      if (repeat !== undefined) {
        const item = items.pop()
        if (item === undefined || (item.type === "text" && item.codes.length === 0))
          throw this.#bad("a repetition has nothing to repeat")
        const copies = Number.isFinite(repeat.max) && repeat.max > 0 ? repeat.max : Math.max(1, repeat.min)
        weight *= copies
        if (weight > EXPANDED_RULES) throw this.#bad("a repetition of repetitions is too large")
        this.#made += copies
        items.push({ type: "repeat", item, ...repeat })
        continue
      }
      const made = this.#made
      const item = this.#item(depth)
      if (item === undefined) return items
      weight = item.type === "group" ? Math.max(1, this.#made - made) : 1
      items.push(item)
    }
  }

  #item(depth: number): GbnfItem | undefined {
    const char = this.#peek()
    const nested = depth > 0
    if (char === '"') {
      this.#at += 1
      const codes: number[] = []
      while (!this.#take('"')) codes.push(this.#char())
      this.#space(nested)
      return { type: "text", codes }
    }
    if (char === "[") {
      const item = this.#class()
      this.#space(nested)
      return item
    }
    if (char === ".") {
      this.#at += 1
      this.#space(nested)
      return { type: "any" }
    }
    if (char === "(") {
      this.#at += 1
      this.#space(true)
      this.#made += 1
      const alternatives = this.#alternatives(depth + 1)
      if (!this.#take(")")) throw this.#bad("`)` is missing")
      this.#space(nested)
      return { type: "group", alternatives }
    }
    if (char === "<" || char === "!") throw this.#bad("references to tokens are not supported")
    if (!WORD.test(char)) return undefined
    const name = this.#name()
    this.#space(nested)
    return { type: "rule", name }
  }

  #class(): GbnfItem {
    this.#at += 1
    const negated = this.#take("^")
    const ranges: [number, number][] = []
    while (!this.#take("]")) {
      const low = this.#char()
      let high = low
      if (this.#peek() === "-" && this.#source[this.#at + 1] !== "]") {
        this.#at += 1
        high = this.#char()
      }
      if (high < low) throw this.#bad("a range of characters ends before it starts")
      ranges.push([low, high])
    }
    if (ranges.length === 0) throw this.#bad("a set of characters is empty")
    return { type: "class", negated, ranges }
  }

  #char(): number {
    const code = this.#source.codePointAt(this.#at)
    if (code === undefined) throw this.#bad("the text ends inside quotes or brackets")
    const char = String.fromCodePoint(code)
    this.#at += char.length
    if (char !== "\\") return code
    const kind = this.#peek()
    const digits = HEX_DIGITS[kind]
    this.#at += 1
    if (digits !== undefined) {
      const hex = this.#source.slice(this.#at, this.#at + digits)
      const value = Number.parseInt(hex, 16)
      if (!/^[0-9A-Fa-f]+$/.test(hex) || hex.length !== digits || value > 0x10ffff)
        throw this.#bad(`\`\\${kind}${hex}\` is not a character`)
      this.#at += digits
      return value
    }
    const plain = ESCAPES[kind]
    if (plain === undefined) throw this.#bad(`\`\\${kind}\` is not an escape`)
    return plain.charCodeAt(0)
  }

  #repetition(nested: boolean): { min: number; max: number } | undefined {
    const char = this.#peek()
    const simple = { "*": [0, Number.POSITIVE_INFINITY], "+": [1, Number.POSITIVE_INFINITY], "?": [0, 1] }[
      char
    ]
    if (simple !== undefined) {
      this.#at += 1
      this.#space(nested)
      return { min: simple[0] ?? 0, max: simple[1] ?? 0 }
    }
    if (!this.#take("{")) return undefined
    this.#space(nested)
    const min = this.#integer()
    if (min === undefined) throw this.#bad("a number is missing after `{`")
    let max = min
    if (this.#take(",")) {
      this.#space(nested)
      max = this.#integer() ?? Number.POSITIVE_INFINITY
    }
    if (!this.#take("}")) throw this.#bad("`}` is missing")
    this.#space(nested)
    if (max < min) throw this.#bad("a repetition has a maximum below its minimum")
    // Above its own bound llama.cpp takes a maximum for no maximum: it must never see one.
    if (Math.max(min, Number.isFinite(max) ? max : 0) > GRAMMAR_LIMITS.gbnfRepetition)
      throw this.#bad(`a repetition is larger than ${GRAMMAR_LIMITS.gbnfRepetition}`)
    return { min, max }
  }

  #integer(): number | undefined {
    const digits = /^\d{1,9}/.exec(this.#source.slice(this.#at, this.#at + 9))?.[0]
    if (digits === undefined) return undefined
    this.#at += digits.length
    this.#space(true)
    return Number(digits)
  }
}

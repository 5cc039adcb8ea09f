// Puts GBNF rules together: quoting, JSON's primitives, and one name for equal bodies.
import { GRAMMAR_LIMITS } from "@fireside/protocol"
import { badGrammar } from "./bad-grammar.ts"

/** Bounded, or small models print newlines for ever. */
const WHITE_SPACE = "[ \\n]{0,2}"
/** A character that stands for itself in a JSON string. */
export const PLAIN_CHAR = '[^"\\\\\\x00-\\x1f]'
/** Without escapes of surrogates: half a pair is no character, and a pair would count as two. */
const JSON_CHAR = `${PLAIN_CHAR} | "\\\\" (["\\\\/bfnrt] | "u" ([0-9a-cefA-CEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}))`

const PRIMITIVES: Readonly<Record<string, string>> = {
  ws: WHITE_SPACE,
  char: JSON_CHAR,
  string: '"\\"" char* "\\""',
  integer: '"-"? ("0" | [1-9] [0-9]{0,15})',
  number: 'integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
  boolean: '"true" | "false"',
  null: '"null"',
  value: "object | array | string | number | boolean | null",
  object: '"{" ws (pair ("," ws pair)*)? ws "}"',
  pair: 'string ":" ws value',
  array: '"[" ws (value ("," ws value)*)? ws "]"',
}

const USES: Readonly<Record<string, readonly string[]>> = {
  string: ["char"],
  number: ["integer"],
  value: ["object", "array", "string", "number", "boolean", "null"],
  object: ["ws", "pair"],
  pair: ["string", "ws", "value"],
  array: ["ws", "value"],
}

export interface GbnfBuilder {
  /** Name of a rule with this body. */
  rule(body: string): string
  /** Name of a rule whose body comes later: for recursion. */
  reserve(): string
  define(name: string, body: string): void
  /** Name of one of JSON's own rules: `string`, `value`, … */
  primitive(name: keyof typeof PRIMITIVES & string): string
  /** The whole grammar. */
  build(root: string): string
}

/** Generated grammars may be larger than those a user writes: the schema's own limits bound them. */
const GENERATED_BYTES = 1024 * 1024

export const GENERATED_GBNF_LIMITS = { bytes: GENERATED_BYTES, rules: 8 * GRAMMAR_LIMITS.schemaNodes }

export function createGbnfBuilder(): GbnfBuilder {
  const rules = new Map<string, string>()
  const names = new Map<string, string>()
  let bytes = 0
  const set = (name: string, body: string): void => {
    bytes += name.length + body.length
    if (bytes > GENERATED_BYTES)
      throw badGrammar(`The schema makes a grammar of more than ${GENERATED_BYTES} bytes.`)
    rules.set(name, body)
  }
  const reserve = (): string => {
    const name = `r${rules.size}`
    rules.set(name, "")
    return name
  }
  const primitive = (name: string): string => {
    const body = PRIMITIVES[name]
    if (body === undefined) throw new Error(`no such rule: ${name}`)
    if (rules.has(name)) return name
    set(name, body)
    for (const used of USES[name] ?? []) primitive(used)
    return name
  }
  return {
    reserve,
    primitive,
    define: set,
    rule(body) {
      const known = names.get(body)
      if (known !== undefined) return known
      const name = reserve()
      set(name, body)
      names.set(body, name)
      return name
    },
    build(root) {
      return [`root ::= ${root}`, ...[...rules].map(([name, body]) => `${name} ::= ${body}`)].join("\n")
    },
  }
}

/** A quoted literal of exactly this text. */
export function literal(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replace(/[^\x20-\x7e]/gu, escapeChar)}"`
}

function escapeChar(char: string): string {
  const code = char.codePointAt(0) ?? 0
  // Everything printable stays readable; controls, spaces of other scripts and halves of pairs are written as numbers.
  if (code > 0xa0 && /[\p{L}\p{N}\p{P}\p{S}\p{M}]/u.test(char)) return char
  return code > 0xffff ? `\\U${hex(code, 8)}` : code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, "0")

/** One character or range inside `[…]`. */
export function classRange(low: number, high: number): string {
  const char = (code: number): string =>
    /[A-Za-z0-9_ ]/.test(String.fromCodePoint(code))
      ? String.fromCodePoint(code)
      : code > 0xffff
        ? `\\U${hex(code, 8)}`
        : code > 0xff
          ? `\\u${hex(code, 4)}`
          : `\\x${hex(code, 2)}`
  return low === high ? char(low) : `${char(low)}-${char(high)}`
}

/** The literal of a JSON value. */
export const jsonLiteral = (value: unknown): string => literal(JSON.stringify(value))

/**
 * `item` from `min` to `max` times. llama.cpp takes a bound above 2,000 for none, so large counts are made of blocks:
 * a block of exactly 500, as often as it goes, then the rest.
 */
export function repeat(builder: GbnfBuilder, item: string, min: number, max: number): string {
  const name = /^[A-Za-z0-9-]+$/.test(item) ? item : builder.rule(item)
  if (max === 0) return '""'
  if (min > MAX_COUNT || (Number.isFinite(max) && max > MAX_COUNT))
    throw badGrammar(`A length or count of more than ${MAX_COUNT} cannot be enforced.`)
  if (!Number.isFinite(max)) return min === 0 ? `${name}*` : `${times(builder, name, min)} ${name}*`
  const rest = max - min
  const head = min === 0 ? "" : `${times(builder, name, min)} `
  if (rest === 0) return head.trim()
  if (rest <= BLOCK) return `${head}${name}{0,${rest}}`
  // Blocks first, then less than a block; a last group lets the count reach the maximum exactly.
  const block = builder.rule(`${name}{${BLOCK}}`)
  const blocks = Math.floor(rest / BLOCK)
  const left = rest % BLOCK
  const few = left === 0 ? "" : ` | ${block}{${blocks}} ${name}{0,${left}}`
  return `${head}(${block}{0,${blocks - 1}} ${name}{0,${BLOCK}}${few})`
}

const BLOCK = 500
const MAX_COUNT = 100_000

function times(builder: GbnfBuilder, name: string, count: number): string {
  if (count <= BLOCK) return `${name}{${count}}`
  const block = builder.rule(`${name}{${BLOCK}}`)
  const left = count % BLOCK
  return `${block}{${Math.floor(count / BLOCK)}}${left === 0 ? "" : ` ${name}{${left}}`}`
}

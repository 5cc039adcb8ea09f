// Objects of a JSON schema as GBNF: properties in the schema's order, optional ones left out or not, then others.
import { badGrammar } from "./bad-grammar.ts"
import { classRange, type GbnfBuilder, jsonLiteral, PLAIN_CHAR, repeat } from "./gbnf-builder.ts"
import { count, isSchema, pointer, type Schema } from "./schema-keywords.ts"

/** An expression for the values of a schema inside. */
export type CompileSchema = (schema: unknown, where: string) => string

export function objectRule(
  builder: GbnfBuilder,
  schema: Schema,
  where: string,
  compile: CompileSchema,
): string {
  const properties = schema.properties ?? {}
  if (!isSchema(properties)) throw badGrammar("`properties` is not an object", pointer(where, "properties"))
  const required = requiredNames(schema, where)
  const names = [
    ...Object.keys(properties),
    ...[...required].filter((name) => !Object.hasOwn(properties, name)),
  ]
  const extra = extraSchema(schema, names.length)
  const ws = builder.primitive("ws")
  const member = (key: string, value: string): string => builder.rule(`${key} ":" ${ws} ${value}`)
  const members = names.map((name) => {
    if (extra === false && !Object.hasOwn(properties, name) && schema.additionalProperties === false)
      throw badGrammar(`The property \`${name}\` is required and forbidden`, pointer(where, "required"))
    const own = Object.hasOwn(properties, name)
    const value = own ? properties[name] : (schema.additionalProperties ?? true)
    const at = own ? pointer(where, "properties", name) : pointer(where, "additionalProperties")
    return { body: member(jsonLiteral(name), compile(value, at)), required: required.has(name) }
  })
  const bounds = extraBounds(schema, where, members, extra !== false)
  checkNames(schema, where, names)
  const others =
    extra === false || bounds.max === 0
      ? undefined
      : member(
          extraKey(builder, schema, where, names, compile),
          compile(extra, pointer(where, "additionalProperties")),
        )
  return builder.rule(`"{" ${ws} ${sequence(builder, ws, members, others, bounds)} ${ws} "}"`)
}

function requiredNames(schema: Schema, where: string): ReadonlySet<string> {
  const names = schema.required ?? []
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string"))
    throw badGrammar("`required` is not a list of names", pointer(where, "required"))
  return new Set(names)
}

/** Other properties are made only where the schema asks for them, or names none at all. */
const extraSchema = (schema: Schema, named: number): unknown => schema.additionalProperties ?? named === 0

interface Bounds {
  readonly min: number
  readonly max: number
}

/** How many other properties there may be. */
function extraBounds(
  schema: Schema,
  where: string,
  members: readonly { readonly required: boolean }[],
  hasExtra: boolean,
): Bounds {
  const min = count(schema, "minProperties", where) ?? 0
  const max = count(schema, "maxProperties", where) ?? Number.POSITIVE_INFINITY
  const required = members.filter((one) => one.required).length
  const missing = Math.max(0, min - required)
  // A model may write the same other name twice: more than one of them cannot be counted on.
  if (missing > 1 || (missing === 1 && (!hasExtra || required < members.length)))
    throw badGrammar("`minProperties` cannot be enforced here", pointer(where, "minProperties"))
  if (max < members.length)
    throw badGrammar("`maxProperties` cannot be enforced here", pointer(where, "maxProperties"))
  return { min: missing, max: max - members.length }
}

function checkNames(schema: Schema, where: string, names: readonly string[]): void {
  if (schema.propertyNames === undefined || schema.propertyNames === true || names.length === 0) return
  const { propertyNames } = schema
  const trivial = isSchema(propertyNames) && Object.keys(propertyNames).every((key) => key === "type")
  if (!trivial)
    throw badGrammar(
      "`propertyNames` cannot be enforced beside `properties`",
      pointer(where, "propertyNames"),
    )
}

function extraKey(
  builder: GbnfBuilder,
  schema: Schema,
  where: string,
  names: readonly string[],
  compile: CompileSchema,
): string {
  const { propertyNames } = schema
  if (names.length === 0 && isSchema(propertyNames))
    return compile({ allOf: [{ type: "string" }, propertyNames] }, pointer(where, "propertyNames"))
  return otherKey(builder, names)
}

/** A chain of rules: what may follow when nothing was written yet, and when something was. */
function sequence(
  builder: GbnfBuilder,
  ws: string,
  members: readonly { readonly body: string; readonly required: boolean }[],
  others: string | undefined,
  bounds: Bounds,
): string {
  const comma = `"," ${ws}`
  const another = others === undefined ? undefined : builder.rule(`${comma} ${others}`)
  let after = another === undefined ? '""' : repeat(builder, another, bounds.min, bounds.max)
  let start = '""'
  if (others !== undefined && another !== undefined) {
    const filled = `${others} ${repeat(builder, another, Math.max(0, bounds.min - 1), bounds.max - 1)}`
    start = bounds.min === 0 ? `(${filled})?` : filled
  }
  for (const { body, required } of [...members].reverse()) {
    const rest = builder.rule(after)
    const skipped = start
    start = required ? `${body} ${rest}` : builder.rule(`${body} ${rest} | ${skipped}`)
    after = required ? `${comma} ${body} ${rest}` : `(${comma} ${body})? ${rest}`
  }
  return start
}

/** A rule for each character of a name is nested in that of the one before. */
const NAME_LENGTH = 500

interface TrieNode {
  readonly next: Map<number, TrieNode>
  isName: boolean
}

/** A key that is none of the names: written without escapes, so that a name cannot be spelt another way. */
function otherKey(builder: GbnfBuilder, names: readonly string[]): string {
  const root: TrieNode = { next: new Map(), isName: false }
  for (const name of names) {
    if (name.length > NAME_LENGTH)
      throw badGrammar(
        `Beside a property name of more than ${NAME_LENGTH} characters, others cannot be told apart`,
      )
    let node = root
    for (const char of name) {
      const code = char.codePointAt(0) ?? 0
      const next: TrieNode = node.next.get(code) ?? { next: new Map(), isName: false }
      node.next.set(code, next)
      node = next
    }
    node.isName = true
  }
  return builder.rule(`"\\"" ${otherThan(builder, root)} "\\""`)
}

function otherThan(builder: GbnfBuilder, node: TrieNode): string {
  const taken = [...node.next.keys()].map((code) => classRange(code, code)).join("")
  const different = `${PLAIN_CHAR.slice(0, -1)}${taken}] ${PLAIN_CHAR}*`
  const alternatives = [different]
  for (const [code, next] of node.next) {
    // Characters that JSON escapes cannot be written here at all.
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) continue
    alternatives.push(`[${classRange(code, code)}] ${otherThan(builder, next)}`)
  }
  if (!node.isName) alternatives.push('""')
  return builder.rule(alternatives.join(" | "))
}

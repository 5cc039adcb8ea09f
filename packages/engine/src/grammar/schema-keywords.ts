// Which keywords of JSON schema are enforced, which only describe, and how two schemas for one value become one.
import { badGrammar } from "./bad-grammar.ts"

export type Schema = Readonly<Record<string, unknown>>

export type JsonType = "object" | "array" | "string" | "number" | "integer" | "boolean" | "null"
const JSON_TYPES: readonly JsonType[] = ["object", "array", "string", "number", "integer", "boolean", "null"]

/** They say something about the schema and demand nothing of the value. */
const ANNOTATIONS = new Set([
  "title",
  "description",
  "default",
  "example",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "discriminator",
  "contentMediaType",
  "contentEncoding",
  "$schema",
  "$id",
  "id",
  "$comment",
  "$defs",
  "definitions",
  "$vocabulary",
])

const ENFORCED = new Set([
  "type",
  "nullable",
  "enum",
  "const",
  "$ref",
  "allOf",
  "anyOf",
  "oneOf",
  "properties",
  "required",
  "additionalProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "items",
  "prefixItems",
  "additionalItems",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
])

/** Keywords that make a schema of this type when `type` is missing. */
export const TYPE_SIGNS: readonly (readonly [JsonType, readonly string[]])[] = [
  [
    "object",
    ["properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"],
  ],
  ["array", ["items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"]],
  ["string", ["minLength", "maxLength", "pattern", "format"]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]],
]

export const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const pointer = (parent: string, ...keys: (string | number)[]): string =>
  parent + keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")

/** Refuses the first keyword that is not known; extensions begin with `x-`. */
export function checkKeywords(schema: Schema, where: string): void {
  for (const key of Object.keys(schema))
    if (!ENFORCED.has(key) && !ANNOTATIONS.has(key) && !key.startsWith("x-"))
      throw badGrammar(`The keyword \`${key}\` cannot be enforced`, pointer(where, key))
}

/** Only what demands something. */
export const assertions = (schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => ENFORCED.has(key)))

/** The types that the value may have; undefined when the schema does not say. */
export function typesOf(schema: Schema, where: string): readonly JsonType[] | undefined {
  const { type } = schema
  const given = type === undefined ? undefined : Array.isArray(type) ? type : [type]
  if (given === undefined) return undefined
  for (const one of given)
    if (!JSON_TYPES.includes(one))
      throw badGrammar(`\`type\` has the unknown value ${JSON.stringify(one)}`, where)
  if (given.length === 0) throw badGrammar("`type` is an empty list", where)
  return schema.nullable === true && !given.includes("null") ? [...given, "null"] : given
}

/** One schema for values that fit both: neither has `$ref` or `allOf` at its top. */
export function mergeSchemas(a: Schema, b: Schema, where: string): Schema {
  checkKeywords(a, where)
  checkKeywords(b, where)
  const out: Record<string, unknown> = { ...assertions(a) }
  for (const [key, value] of Object.entries(assertions(b))) {
    if (!(key in out)) out[key] = value
    else out[key] = mergeKeyword(key, out[key], value, where)
  }
  delete out.nullable
  if ((a.nullable === true || b.nullable === true) && allowsNull(a) && allowsNull(b)) out.nullable = true
  return closeProperties(a, b, out, where)
}

const allowsNull = (schema: Schema): boolean =>
  schema.nullable === true || schema.type === undefined || asList(schema.type).includes("null")

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

function mergeKeyword(key: string, a: unknown, b: unknown, where: string): unknown {
  if (JSON.stringify(a) === JSON.stringify(b)) return a
  const both = (): unknown => ({ allOf: [a, b] })
  switch (key) {
    case "type":
      return mergeTypes(a, b, where)
    case "nullable":
      return true
    case "enum":
      if (Array.isArray(a) && Array.isArray(b)) {
        const texts = new Set(b.map((value) => JSON.stringify(value)))
        return a.filter((value) => texts.has(JSON.stringify(value)))
      }
      break
    case "required":
      if (Array.isArray(a) && Array.isArray(b)) return [...new Set([...a, ...b])]
      break
    case "properties":
      if (isSchema(a) && isSchema(b)) {
        const out: Record<string, unknown> = { ...a }
        for (const [name, value] of Object.entries(b))
          out[name] = name in a ? { allOf: [a[name], value] } : value
        return out
      }
      break
    case "items":
    case "propertyNames":
      return both()
    case "additionalProperties":
      if (a === false || b === false) return false
      return both()
    case "minLength":
    case "minItems":
    case "minProperties":
    case "minimum":
    case "exclusiveMinimum":
      return Math.max(Number(a), Number(b))
    case "maxLength":
    case "maxItems":
    case "maxProperties":
    case "maximum":
    case "exclusiveMaximum":
      return Math.min(Number(a), Number(b))
    case "uniqueItems":
      return a === true || b === true
    case "anyOf":
      if (Array.isArray(a) && Array.isArray(b) && a.length * b.length <= BRANCHES)
        return a.flatMap((left) => b.map((right) => ({ allOf: [left, right] })))
      break
  }
  throw badGrammar(`Two values of \`${key}\` cannot be enforced together`, where)
}

const BRANCHES = 64

function mergeTypes(a: unknown, b: unknown, where: string): unknown {
  const out = new Set<unknown>()
  for (const x of asList(a))
    for (const y of asList(b)) {
      if (x === y) out.add(x)
      if ((x === "integer" && y === "number") || (x === "number" && y === "integer")) out.add("integer")
    }
  if (out.size === 0) throw badGrammar("No value has the types that are asked for together", where)
  return [...out]
}

/** `additionalProperties: false` forbids what only the other schema names. */
function closeProperties(a: Schema, b: Schema, merged: Record<string, unknown>, where: string): Schema {
  const properties = merged.properties
  if (!isSchema(properties)) return merged
  const kept = { ...properties }
  for (const closed of [a, b]) {
    const own = isSchema(closed.properties) ? closed.properties : {}
    if (closed.additionalProperties === undefined || closed.additionalProperties === true) continue
    for (const name of Object.keys(kept)) {
      if (name in own) continue
      if (closed.additionalProperties === false) {
        if (Array.isArray(merged.required) && merged.required.includes(name))
          throw badGrammar(`The property \`${name}\` is required and forbidden`, where)
        delete kept[name]
      } else kept[name] = { allOf: [kept[name], closed.additionalProperties] }
    }
  }
  return { ...merged, properties: kept }
}

/** A keyword that is a length or a number of things; undefined when it is not there. */
export function count(schema: Schema, key: string, where: string): number | undefined {
  const value = schema[key]
  if (value === undefined) return undefined
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw badGrammar(`\`${key}\` is not a whole number from 0 up`, pointer(where, key))
  return value
}

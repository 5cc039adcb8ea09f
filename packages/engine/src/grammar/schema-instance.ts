// Does a value fit a JSON schema? Of the same keywords that `schema-to-gbnf.ts` enforces; the pattern is the one exception.

import { isSchema, type Schema } from "./schema-keywords.ts"
import { matchesFormat } from "./string-formats.ts"

export interface InstanceCheck {
  /** The whole document, for local `$ref`. */
  readonly root: unknown
  /** Texts against `pattern`: client patterns are not run in the gateway. Defaults to true. */
  readonly matchesPattern?: (pattern: string, text: string) => boolean
}

const DEPTH = 256

export function fitsSchema(value: unknown, schema: unknown, check: InstanceCheck, depth = 0): boolean {
  if (depth > DEPTH) return false
  if (typeof schema === "boolean") return schema
  if (!isSchema(schema)) return false
  const fits = (inner: unknown, part: unknown): boolean => fitsSchema(inner, part, check, depth + 1)
  if (typeof schema.$ref === "string" && !fits(value, resolvePointer(check.root, schema.$ref))) return false
  if (schema.nullable === true && value === null) return true
  if (!hasType(value, schema.type)) return false
  if (schema.enum !== undefined && !asArray(schema.enum).some((one) => isSame(one, value))) return false
  if ("const" in schema && !isSame(schema.const, value)) return false
  if (!asArray(schema.allOf).every((part) => fits(value, part))) return false
  if (schema.anyOf !== undefined && !asArray(schema.anyOf).some((part) => fits(value, part))) return false
  if (schema.oneOf !== undefined && asArray(schema.oneOf).filter((part) => fits(value, part)).length !== 1)
    return false
  if (typeof value === "string") return fitsString(value, schema, check)
  if (typeof value === "number") return fitsNumber(value, schema)
  if (Array.isArray(value)) return fitsArray(value, schema, fits)
  return isSchema(value) ? fitsObject(value, schema, fits) : true
}

/** A local reference, `#/…`; undefined when it leads nowhere. */
export function resolvePointer(root: unknown, reference: string): unknown {
  if (reference !== "#" && !reference.startsWith("#/")) return undefined
  let at = root
  for (const part of reference.split("/").slice(1)) {
    const key = decodePart(part).replaceAll("~1", "/").replaceAll("~0", "~")
    if (Array.isArray(at)) at = at[Number(key)]
    else at = isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  return at
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function hasType(value: unknown, type: unknown): boolean {
  if (type === undefined) return true
  return (Array.isArray(type) ? type : [type]).some((one) => {
    switch (one) {
      case "object":
        return isSchema(value)
      case "array":
        return Array.isArray(value)
      case "integer":
        return Number.isInteger(value)
      case "null":
        return value === null
      default:
        return typeof value === one
    }
  })
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  if (isSchema(a) && isSchema(b)) {
    const keys = Object.keys(a)
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
    )
  }
  return a === b
}

const within = (amount: number, low: unknown, high: unknown): boolean =>
  !(typeof low === "number" && amount < low) && !(typeof high === "number" && amount > high)

function fitsString(value: string, schema: Schema, check: InstanceCheck): boolean {
  if (!within([...value].length, schema.minLength, schema.maxLength)) return false
  if (typeof schema.format === "string" && !matchesFormat(schema.format, value)) return false
  return typeof schema.pattern !== "string" || (check.matchesPattern?.(schema.pattern, value) ?? true)
}

function fitsNumber(value: number, schema: Schema): boolean {
  if (!within(value, schema.minimum, schema.maximum)) return false
  if (typeof schema.exclusiveMinimum === "number" && value <= schema.exclusiveMinimum) return false
  if (typeof schema.exclusiveMaximum === "number" && value >= schema.exclusiveMaximum) return false
  return typeof schema.multipleOf !== "number" || Number.isInteger(value / schema.multipleOf)
}

type Fits = (value: unknown, schema: unknown) => boolean

function fitsArray(value: readonly unknown[], schema: Schema, fits: Fits): boolean {
  if (!within(value.length, schema.minItems, schema.maxItems)) return false
  if (
    schema.uniqueItems === true &&
    value.some((item, i) => value.slice(i + 1).some((other) => isSame(item, other)))
  )
    return false
  const prefix = asArray(Array.isArray(schema.items) ? schema.items : schema.prefixItems)
  const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items
  return value.every((item, i) => fits(item, prefix[i] ?? (i < prefix.length ? true : (rest ?? true))))
}

function fitsObject(value: Schema, schema: Schema, fits: Fits): boolean {
  const keys = Object.keys(value)
  if (!within(keys.length, schema.minProperties, schema.maxProperties)) return false
  if (!asArray(schema.required).every((name) => typeof name === "string" && Object.hasOwn(value, name)))
    return false
  const properties = isSchema(schema.properties) ? schema.properties : {}
  return keys.every((key) => {
    if (schema.propertyNames !== undefined && !fits(key, schema.propertyNames)) return false
    if (Object.hasOwn(properties, key)) return fits(value[key], properties[key])
    return fits(value[key], schema.additionalProperties ?? true)
  })
}

// Can one value fit two branches of a `oneOf`? Says no only when that is certain.
import { isSchema, type Schema } from "./schema-keywords.ts"

/** `flat` gives a branch without references and `allOf` at its top. */
export function mayOverlap(branches: readonly unknown[], flat: (schema: unknown) => Schema): boolean {
  const schemas = branches.map(flat)
  return schemas.some((a, i) => schemas.slice(i + 1).some((b) => !areDisjoint(a, b, flat, 0)))
}

const DEPTH = 8

function areDisjoint(a: Schema, b: Schema, flat: (schema: unknown) => Schema, depth: number): boolean {
  if (depth > DEPTH) return false
  const [left, right] = [valuesOf(a), valuesOf(b)]
  if (left !== undefined && right !== undefined) return !left.some((value) => right.includes(value))
  const [types, others] = [typesWithin(a), typesWithin(b)]
  if (types !== undefined && others !== undefined && !types.some((type) => others.includes(type))) return true
  const objects = types?.join() === "object" && others?.join() === "object"
  if (!objects) return false
  if (
    shared(a, b).some((name) =>
      areDisjoint(flat(property(a, name)), flat(property(b, name)), flat, depth + 1),
    )
  )
    return true
  return demandsUnknown(a, b) && demandsUnknown(b, a)
}

/** The values as JSON text, when they are listed. */
function valuesOf(schema: Schema): readonly string[] | undefined {
  if ("const" in schema) return [JSON.stringify(schema.const)]
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : undefined
}

function typesWithin(schema: Schema): readonly string[] | undefined {
  const values = valuesOf(schema)
  if (values !== undefined) return [...new Set(values.map((value) => kindOf(JSON.parse(value))))]
  const types =
    schema.type === undefined ? undefined : Array.isArray(schema.type) ? schema.type : [schema.type]
  if (types === undefined) return schema.properties === undefined ? undefined : ["object"]
  const kinds = types.map((type) => (type === "integer" ? "number" : String(type)))
  return schema.nullable === true ? [...kinds, "null"] : kinds
}

function kindOf(value: unknown): string {
  if (value === null) return "null"
  return Array.isArray(value) ? "array" : typeof value
}

const required = (schema: Schema): readonly unknown[] =>
  Array.isArray(schema.required) ? schema.required : []
const properties = (schema: Schema): Schema => (isSchema(schema.properties) ? schema.properties : {})
const property = (schema: Schema, name: string): unknown => properties(schema)[name]

/** Properties that every value of both has. */
const shared = (a: Schema, b: Schema): string[] =>
  Object.keys(properties(a)).filter(
    (name) => Object.hasOwn(properties(b), name) && required(a).includes(name) && required(b).includes(name),
  )

/** `a` demands a property that `b` never makes: `b`'s values do not fit `a`. */
const demandsUnknown = (a: Schema, b: Schema): boolean =>
  (b.additionalProperties === undefined || b.additionalProperties === false) &&
  required(a).some(
    (name) => typeof name === "string" && !Object.hasOwn(properties(b), name) && !required(b).includes(name),
  )

// JSON schema → GBNF. What a grammar allows always fits the schema: a keyword that cannot be enforced is refused by name.
// The other way round it may allow less: properties come in the schema's order, and none that the schema does not name.
import { GRAMMAR_LIMITS } from "@fireside/protocol"
import { badGrammar } from "./bad-grammar.ts"
import { checkGbnf } from "./check-gbnf.ts"
import {
  createGbnfBuilder,
  type GbnfBuilder,
  GENERATED_GBNF_LIMITS,
  jsonLiteral,
  repeat,
} from "./gbnf-builder.ts"
import { decimalsIn, integersIn, type NumberRange } from "./number-range.ts"
import { type CompileSchema, objectRule } from "./object-rule.ts"
import { mayOverlap } from "./schema-disjoint.ts"
import { fitsSchema, resolvePointer } from "./schema-instance.ts"
import {
  assertions,
  checkKeywords,
  count,
  isSchema,
  type JsonType,
  mergeSchemas,
  pointer,
  type Schema,
  TYPE_SIGNS,
  typesOf,
} from "./schema-keywords.ts"
import { stringRule } from "./string-rule.ts"

/** The whole grammar of one schema. Throws `bad-grammar`, naming keyword and JSON pointer. */
export function schemaToGbnf(schema: unknown): string {
  const builder = createGbnfBuilder()
  const gbnf = builder.build(addSchema(builder, schema))
  checkGbnf(gbnf, GENERATED_GBNF_LIMITS)
  return gbnf
}

/** Adds the rules of a schema to a grammar in the making; returns an expression for its value. */
export function addSchema(builder: GbnfBuilder, schema: unknown): string {
  return new SchemaCompiler(builder, schema).compileAll()
}

class SchemaCompiler {
  readonly #builder: GbnfBuilder
  readonly #root: unknown
  readonly #references = new Map<string, string>()
  readonly #waiting: { name: string; reference: string }[] = []
  #nodes = 0

  constructor(builder: GbnfBuilder, root: unknown) {
    this.#builder = builder
    this.#root = root
  }

  compileAll(): string {
    const expression = this.#compile(this.#root, "", 0)
    // What a reference names is compiled after what uses it, so that recursion ends.
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      const target = this.#target(next.reference, next.reference)
      this.#builder.define(next.name, this.#compile(target, next.reference.slice(1), 0))
    }
    return expression
  }

  #target(reference: string, where: string): unknown {
    const target = resolvePointer(this.#root, reference)
    if (target !== undefined) return target
    const local = reference.startsWith("#")
    throw badGrammar(
      local
        ? `\`$ref\` leads to ${reference}, where there is nothing`
        : "`$ref` to another document cannot be followed: only local ones (`#/…`) are",
      where,
    )
  }

  #count(where: string, depth: number): void {
    this.#nodes += 1
    if (this.#nodes > GRAMMAR_LIMITS.schemaNodes)
      throw badGrammar(`The schema has more than ${GRAMMAR_LIMITS.schemaNodes} nodes`, where)
    if (depth > GRAMMAR_LIMITS.schemaDepth)
      throw badGrammar(`The schema is deeper than ${GRAMMAR_LIMITS.schemaDepth} levels`, where)
  }

  #compile(schema: unknown, where: string, depth: number): string {
    this.#count(where, depth)
    if (schema === true) return this.#builder.primitive("value")
    if (schema === false) throw badGrammar("The schema `false` fits no value", where)
    if (!isSchema(schema)) throw badGrammar("A schema must be an object or a boolean", where)
    checkKeywords(schema, where)
    const own = assertions(schema)
    if (own.$ref !== undefined) return this.#reference(own, where, depth)
    if (own.allOf !== undefined) return this.#compile(this.#mergeAll(own, where), where, depth)
    for (const key of ["anyOf", "oneOf"] as const)
      if (own[key] !== undefined) return this.#branches(own, key, where, depth)
    if ("const" in own || own.enum !== undefined) return this.#values(own, where)
    return this.#typed(own, where, depth)
  }

  #reference(schema: Schema, where: string, depth: number): string {
    const { $ref: reference, ...rest } = schema
    if (typeof reference !== "string") throw badGrammar("`$ref` is not a string", pointer(where, "$ref"))
    this.#target(reference, pointer(where, "$ref"))
    if (Object.keys(rest).length > 0) return this.#compile(this.#mergeAll(schema, where), where, depth)
    const known = this.#references.get(reference)
    if (known !== undefined) return known
    const name = this.#builder.reserve()
    this.#references.set(reference, name)
    this.#waiting.push({ name, reference })
    return name
  }

  /** All parts of an `allOf` and what stands beside it, as one schema. */
  #mergeAll(schema: Schema, where: string, parents: readonly string[] = []): Schema {
    const { allOf, $ref: reference, ...rest } = assertions(schema)
    let merged: Schema = rest
    const parts = allOf ?? []
    if (!Array.isArray(parts)) throw badGrammar("`allOf` is not a list", pointer(where, "allOf"))
    if (typeof reference === "string") {
      if (parents.includes(reference)) throw badGrammar(`\`allOf\` leads back to ${reference}`, where)
      const target = this.#flatPart(this.#target(reference, where), where, [...parents, reference])
      merged = mergeSchemas(merged, target, where)
    }
    for (const part of parts) merged = mergeSchemas(merged, this.#flatPart(part, where, parents), where)
    return merged
  }

  #flatPart(part: unknown, where: string, parents: readonly string[]): Schema {
    this.#count(where, 0)
    if (part === true) return {}
    if (!isSchema(part))
      throw badGrammar("A part of `allOf` fits no value or is no schema", pointer(where, "allOf"))
    checkKeywords(part, pointer(where, "allOf"))
    return this.#mergeAll(part, where, parents)
  }

  #branches(schema: Schema, key: "anyOf" | "oneOf", where: string, depth: number): string {
    const { [key]: branches, ...rest } = schema
    if (!Array.isArray(branches) || branches.length === 0)
      throw badGrammar(`\`${key}\` is not a list of schemas`, pointer(where, key))
    const whole: unknown[] =
      Object.keys(rest).length === 0 ? branches : branches.map((branch) => ({ allOf: [rest, branch] }))
    if (key === "oneOf" && mayOverlap(whole, (part) => this.#flat(part, where)))
      throw badGrammar(
        "`oneOf` has branches that one value may fit together; use `anyOf`",
        pointer(where, key),
      )
    const alternatives = whole.map((branch, i) => this.#compile(branch, pointer(where, key, i), depth + 1))
    return this.#either(alternatives)
  }

  /** The schema without references and `allOf` at its top: to look at, not to compile. */
  #flat(schema: unknown, where: string): Schema {
    if (!isSchema(schema)) return {}
    return schema.$ref === undefined && schema.allOf === undefined ? schema : this.#mergeAll(schema, where)
  }

  #either(alternatives: readonly string[]): string {
    const unique = [...new Set(alternatives)]
    return unique.length === 1 ? (unique[0] ?? '""') : this.#builder.rule(unique.join(" | "))
  }

  #values(schema: Schema, where: string): string {
    const key = "const" in schema ? "const" : "enum"
    const given = key === "const" ? [schema.const] : schema.enum
    if (!Array.isArray(given)) throw badGrammar("`enum` is not a list", pointer(where, key))
    if (given.length > GRAMMAR_LIMITS.schemaEnum)
      throw badGrammar(`\`enum\` has more than ${GRAMMAR_LIMITS.schemaEnum} values`, pointer(where, key))
    if (schema.pattern !== undefined)
      throw badGrammar("`pattern` beside `enum` cannot be enforced", pointer(where, "pattern"))
    const fitting = given.filter((value) => fitsSchema(value, schema, { root: this.#root }))
    if (fitting.length === 0)
      throw badGrammar(`No value of \`${key}\` fits the rest of the schema`, pointer(where, key))
    return this.#either(fitting.map(jsonLiteral))
  }

  #typed(schema: Schema, where: string, depth: number): string {
    const types = typesOf(schema, where) ?? this.#inferTypes(schema)
    if (types === undefined) return this.#builder.primitive("value")
    const wanted = types.includes("number") ? types.filter((type) => type !== "integer") : types
    return this.#either(wanted.map((type) => this.#ofType(type, schema, where, depth)))
  }

  #inferTypes(schema: Schema): readonly JsonType[] | undefined {
    const types = TYPE_SIGNS.filter(([, keys]) => keys.some((key) => schema[key] !== undefined)).map(
      ([type]) => type,
    )
    if (types.length === 0) return undefined
    return schema.nullable === true ? [...types, "null"] : types
  }

  #ofType(type: JsonType, schema: Schema, where: string, depth: number): string {
    const compile: CompileSchema = (inner, at) => this.#compile(inner, at, depth + 1)
    switch (type) {
      case "boolean":
      case "null":
        return this.#builder.primitive(type)
      case "integer":
      case "number":
        return this.#number(type, schema, where)
      case "string":
        return stringRule(this.#builder, schema, where)
      case "array":
        return this.#array(schema, where, compile)
      case "object":
        return objectRule(this.#builder, schema, where, compile)
      default:
        return type satisfies never
    }
  }

  #number(type: "integer" | "number", schema: Schema, where: string): string {
    const { multipleOf } = schema
    if (multipleOf !== undefined && multipleOf !== 1)
      throw badGrammar("`multipleOf` can be enforced only with the value 1", pointer(where, "multipleOf"))
    const integer = type === "integer" || multipleOf === 1
    const range = numberRange(schema, where, integer)
    if (range === undefined) return this.#builder.primitive(integer ? "integer" : "number")
    const alternatives = integer ? integersIn(range) : decimalsIn(range)
    if (alternatives.length === 0) throw badGrammar("No number is within the bounds", where)
    return this.#either([this.#builder.rule(alternatives.join(" | "))])
  }

  #array(schema: Schema, where: string, compile: CompileSchema): string {
    if (schema.uniqueItems === true)
      throw badGrammar("The keyword `uniqueItems` cannot be enforced", pointer(where, "uniqueItems"))
    const tuple = Array.isArray(schema.items) ? "items" : "prefixItems"
    const prefix = schema[tuple] ?? []
    if (!Array.isArray(prefix)) throw badGrammar("`prefixItems` is not a list", pointer(where, tuple))
    const restKey = tuple === "items" ? "additionalItems" : "items"
    const rest = schema[restKey] ?? prefix.length === 0
    const min = count(schema, "minItems", where) ?? 0
    const max = count(schema, "maxItems", where) ?? Number.POSITIVE_INFINITY
    if (max < min || (rest === false && min > prefix.length))
      throw badGrammar("No list has the number of items that is asked for", where)
    const ws = this.#builder.primitive("ws")
    const comma = `"," ${ws}`
    const fixed = prefix
      .slice(0, Math.min(prefix.length, max))
      .map((item, i) => compile(item, pointer(where, tuple, i)))
    let tail = ""
    if (rest !== false && max > prefix.length) {
      const item = this.#builder.rule(compile(rest, pointer(where, restKey)))
      const [least, most] = [Math.max(0, min - fixed.length), max - fixed.length]
      const more = this.#builder.rule(`${comma} ${item}`)
      if (fixed.length > 0) tail = repeat(this.#builder, more, least, most)
      else {
        const filled = `${item} ${repeat(this.#builder, more, Math.max(0, least - 1), most - 1)}`
        tail = least === 0 ? `(${filled})?` : filled
      }
    }
    // A prefix may end early: each item after the least number is in a group with those that follow it.
    let body = tail
    for (let i = fixed.length - 1; i >= 0; i -= 1) {
      const item = `${i === 0 ? "" : `${comma} `}${fixed[i] ?? ""}`
      body = i < min ? `${item} ${body}` : this.#builder.rule(`(${item} ${body})?`)
    }
    return this.#builder.rule(`"[" ${ws} ${body} ${ws} "]"`)
  }
}

function numberRange(schema: Schema, where: string, integer: boolean): NumberRange | undefined {
  const bound = (key: string): number | undefined => {
    const value = schema[key]
    if (value === undefined) return undefined
    if (typeof value !== "number" || Math.abs(value) > Number.MAX_SAFE_INTEGER)
      throw badGrammar(`\`${key}\` is not a number that can be enforced`, pointer(where, key))
    if (!integer && !Number.isInteger(value))
      throw badGrammar(
        `\`${key}\` of a \`number\` can be enforced only when it is a whole number`,
        pointer(where, key),
      )
    return value
  }
  const [low, above] = [bound("minimum"), bound("exclusiveMinimum")]
  const [high, below] = [bound("maximum"), bound("exclusiveMaximum")]
  if (low === undefined && above === undefined && high === undefined && below === undefined) return undefined
  const lowExclusive = above !== undefined && (low === undefined || above >= low)
  const highExclusive = below !== undefined && (high === undefined || below <= high)
  const lowest = (lowExclusive ? above : low) ?? Number.NEGATIVE_INFINITY
  const highest = (highExclusive ? below : high) ?? Number.POSITIVE_INFINITY
  // Between whole numbers a bound of an integer is the next whole number inside.
  return {
    low: Number.isInteger(lowest) || !Number.isFinite(lowest) ? lowest : Math.ceil(lowest),
    high: Number.isInteger(highest) || !Number.isFinite(highest) ? highest : Math.floor(highest),
    lowExclusive: lowExclusive && Number.isInteger(lowest),
    highExclusive: highExclusive && Number.isInteger(highest),
  }
}

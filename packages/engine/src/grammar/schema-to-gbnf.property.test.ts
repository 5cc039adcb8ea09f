import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkGbnf } from "./check-gbnf.ts"
import { GENERATED_GBNF_LIMITS } from "./gbnf-builder.ts"
import { matchesGbnf, shortestText } from "./match-gbnf.ts"
import { fitsSchema } from "./schema-instance.ts"
import { schemaToGbnf } from "./schema-to-gbnf.ts"

type Schema = Record<string, unknown>

const matchesPattern = (pattern: string, text: string): boolean => new RegExp(pattern, "u").test(text)

/** Random schemas of what is supported, with their own values. */
const { schema: randomSchema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom<Schema>(
      { type: "null" },
      { type: "boolean" },
      { type: "integer" },
      { type: "number" },
      { type: "string" },
      { format: "date" },
      { pattern: "^[a-f]{1,3}$" },
      { const: "k" },
    ),
    fc
      .tuple(fc.integer({ min: -200, max: 200 }), fc.nat(150))
      .map(([low, size]): Schema => ({ type: "integer", minimum: low, maximum: low + size })),
    fc
      .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 15 }))
      .map(([low, size]): Schema => ({ type: "number", exclusiveMinimum: low, maximum: low + size })),
    fc
      .tuple(fc.nat(3), fc.nat(4))
      .map(([low, size]): Schema => ({ type: "string", minLength: low, maxLength: low + size })),
    fc
      .uniqueArray(fc.oneof(fc.string({ maxLength: 4 }), fc.integer(), fc.boolean()), {
        minLength: 1,
        maxLength: 4,
      })
      .map((values): Schema => ({ enum: values })),
    fc
      .tuple(tie("schema"), fc.nat(2), fc.nat(2))
      .map(([items, low, size]): Schema => ({ type: "array", items, minItems: low, maxItems: low + size })),
    fc
      .tuple(
        fc.dictionary(fc.string({ maxLength: 3 }), tie("schema"), { maxKeys: 4 }),
        fc.nat(15),
        fc.boolean(),
      )
      .map(([properties, bits, open]): Schema => {
        const required = Object.keys(properties).filter((_, i) => (bits >> i) & 1)
        return {
          type: "object",
          properties,
          required,
          ...(open ? { additionalProperties: { type: "null" } } : {}),
        }
      }),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf): Schema => ({ anyOf })),
  ),
}))

/** A random value of a random schema, in the order and spelling that the grammar writes. */
function drawValue(schema: Schema, pick: (max: number) => number): unknown {
  if (Array.isArray(schema.enum)) return schema.enum[pick(schema.enum.length - 1)]
  if ("const" in schema) return schema.const
  if (Array.isArray(schema.anyOf)) return drawValue(schema.anyOf[pick(schema.anyOf.length - 1)], pick)
  if (schema.format === "date") return "2024-02-29"
  if (schema.pattern !== undefined) return "abc".slice(pick(2))
  const low = Number(schema.minimum ?? schema.minLength ?? schema.minItems ?? 0)
  const size = (key: string, free: number): number => low + pick(Number(schema[key] ?? low + free) - low)
  switch (schema.type) {
    case "null":
      return null
    case "boolean":
      return pick(1) === 1
    case "integer":
      return size("maximum", 1_000)
    case "number":
      return schema.exclusiveMinimum === undefined
        ? pick(1_000) / 8
        : Number(schema.exclusiveMinimum) + (1 + pick(7)) / 8
    case "string":
      return Array.from(
        { length: size("maxLength", 5) },
        () => ["a", "é", '"', "\\", "\n", "😀"][pick(5)],
      ).join("")
    case "array":
      return Array.from({ length: size("maxItems", 3) }, () => drawValue(schema.items as Schema, pick))
    default: {
      const required = schema.required as readonly string[]
      const entries = Object.entries(schema.properties as Record<string, Schema>)
        .filter(([name]) => required.includes(name) || pick(1) === 1)
        .map(([name, inner]): [string, unknown] => [name, drawValue(inner, pick)])
      return Object.fromEntries(
        schema.additionalProperties === undefined || pick(1) === 0 ? entries : [...entries, ["other", null]],
      )
    }
  }
}

describe("properties", () => {
  /** Names that are numbers come first in every object of JavaScript: they have no order of their own. */
  const ordered = (schema: Schema): boolean => !/"\d+":/.test(JSON.stringify(schema))

  test("property: a value of a random schema fits and is written; the shortest text fits", () => {
    fc.assert(
      fc.property(randomSchema.filter(ordered), fc.infiniteStream(fc.nat()), (schema, numbers) => {
        const pick = (max: number): number => Number(numbers.next().value) % (max + 1)
        const rules = checkGbnf(schemaToGbnf(schema), GENERATED_GBNF_LIMITS)
        const value = drawValue(schema, pick)
        expect(fitsSchema(value, schema, { root: schema, matchesPattern })).toBe(true)
        expect(matchesGbnf(rules, JSON.stringify(value))).toBe(true)
        expect(fitsSchema(JSON.parse(shortestText(rules)), schema, { root: schema, matchesPattern })).toBe(
          true,
        )
      }),
      { numRuns: 400 },
    )
  })

  test("property: a changed value is written only if it still fits", () => {
    fc.assert(
      fc.property(randomSchema.filter(ordered), fc.infiniteStream(fc.nat()), (schema, numbers) => {
        const pick = (max: number): number => Number(numbers.next().value) % (max + 1)
        const rules = checkGbnf(schemaToGbnf(schema), GENERATED_GBNF_LIMITS)
        for (let i = 0; i < 4; i += 1) {
          const text = mutated(JSON.stringify(drawValue(schema, pick)), pick)
          if (!matchesGbnf(rules, text)) continue
          expect(fitsSchema(JSON.parse(text), schema, { root: schema, matchesPattern }), text).toBe(true)
        }
      }),
      { numRuns: 400 },
    )
  })
})

/** One edit of a JSON text: a character dropped, doubled or replaced, or a piece put in. */
function mutated(text: string, pick: (max: number) => number): string {
  const at = pick(text.length - 1)
  const piece = [
    "",
    text[at]! + text[at]!,
    "0",
    "9",
    "-",
    ".5",
    "null",
    "true",
    '"x"',
    ',"y":1',
    ",1",
    "[]",
    "{}",
    "\\u0061",
    " ",
  ][pick(14)]!
  return text.slice(0, at) + piece + text.slice(at + pick(1))
}

import { AppError, GRAMMAR_LIMITS } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { acceptsGbnf } from "../testing.ts"
import { checkGbnf } from "./check-gbnf.ts"
import { GENERATED_GBNF_LIMITS } from "./gbnf-builder.ts"
import { matchesGbnf, shortestText } from "./match-gbnf.ts"
import { fitsSchema } from "./schema-instance.ts"
import { CASES } from "./schema-to-gbnf.cases.ts"
import { deep, HOSTILE, wide } from "./schema-to-gbnf.hostile.ts"
import { schemaToGbnf } from "./schema-to-gbnf.ts"

type Schema = Record<string, unknown>

const refusal = (schema: unknown): string => {
  try {
    schemaToGbnf(schema)
  } catch (error) {
    if (error instanceof AppError && error.code === "bad-grammar") return error.message
    throw error
  }
  throw new Error("it was accepted")
}
const matchesPattern = (pattern: string, text: string): boolean => new RegExp(pattern, "u").test(text)

describe("schemas", () => {
  test.each(CASES)("%s", (_, schema, fitting, others) => {
    const rules = checkGbnf(schemaToGbnf(schema), GENERATED_GBNF_LIMITS)
    for (const value of fitting) {
      expect(
        fitsSchema(value, schema, { root: schema, matchesPattern }),
        `fits: ${JSON.stringify(value)}`,
      ).toBe(true)
      expect(matchesGbnf(rules, JSON.stringify(value)), `is written: ${JSON.stringify(value)}`).toBe(true)
    }
    for (const value of others)
      expect(matchesGbnf(rules, JSON.stringify(value)), JSON.stringify(value)).toBe(false)
    expect(fitsSchema(JSON.parse(shortestText(rules)), schema, { root: schema, matchesPattern })).toBe(true)
  })

  test("white space is allowed between the parts, at most two characters", () => {
    const gbnf = schemaToGbnf({
      type: "object",
      properties: { a: { type: "array", items: { type: "integer" } } },
    })
    expect(acceptsGbnf(gbnf, '{ "a":\n [1,  2 ]\n}')).toBe(true)
    expect(acceptsGbnf(gbnf, '{   "a":[]}')).toBe(false)
  })

  test("no half of a pair is written, and no name in another spelling", () => {
    const string = schemaToGbnf({ type: "string" })
    expect(acceptsGbnf(string, '"\\u00e9\\ud7ff"')).toBe(true)
    expect(acceptsGbnf(string, '"\\ud83d"')).toBe(false)
    const object = schemaToGbnf({
      type: "object",
      properties: { a: { type: "null" } },
      additionalProperties: true,
    })
    expect(acceptsGbnf(object, '{"b":1}')).toBe(true)
    expect(acceptsGbnf(object, '{"\\u0061":1}')).toBe(false)
  })
})

describe("limits: the number itself is fine, one more is refused", () => {
  test("depth", () => {
    schemaToGbnf(deep(GRAMMAR_LIMITS.schemaDepth))
    expect(refusal(deep(GRAMMAR_LIMITS.schemaDepth + 1))).toContain("deeper than 32 levels")
  })
  test("nodes", () => {
    schemaToGbnf(wide(GRAMMAR_LIMITS.schemaNodes - 1))
    expect(refusal(wide(GRAMMAR_LIMITS.schemaNodes))).toContain("more than 5000 nodes")
  })
  test("enumeration", () => {
    const numbers = (count: number): Schema => ({ enum: Array.from({ length: count }, (_, i) => i) })
    schemaToGbnf(numbers(GRAMMAR_LIMITS.schemaEnum))
    expect(refusal(numbers(GRAMMAR_LIMITS.schemaEnum + 1))).toContain("more than 1000 values")
  })
  test("pattern", () => {
    const pattern = (bytes: number): Schema => ({ type: "string", pattern: "a".repeat(bytes) })
    schemaToGbnf(pattern(GRAMMAR_LIMITS.schemaPatternBytes))
    expect(refusal(pattern(GRAMMAR_LIMITS.schemaPatternBytes + 1))).toContain("longer than 1024 bytes")
  })
})

describe("what cannot be enforced is refused", () => {
  test("there are enough of them", () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(100)
  })
  test.each(HOSTILE)("%s", (_, schema) => {
    expect(refusal(schema)).not.toBe("")
  })
  test("with the keyword and the place", () => {
    const schema = { type: "object", properties: { "a/b": { type: "array", items: { not: {} } } } }
    expect(refusal(schema)).toBe("The keyword `not` cannot be enforced (at /properties/a~1b/items/not).")
  })
})

import { HTTP_LIMITS } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseJson } from "./parse-json.ts"

const parse = (text: string): unknown => parseJson(Buffer.from(text))
const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return undefined
}
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`
const keyed = (count: number): string =>
  `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(",")}}`

describe("parseJson", () => {
  test("what it lets through is what the engine's parser reads", () => {
    const safe = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => codeOf(() => parse(JSON.stringify(value))) === undefined)
    fc.assert(
      fc.property(safe, fc.constantFrom(undefined, 2, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space)
        expect(parse(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test("strings with braces, quotes and backslashes count for nothing", () => {
    const value = { 'a"}{[': '\\"{[,', "b\\": ["\\\\", '"', "{{{{"] }
    expect(parse(JSON.stringify(value))).toEqual(value)
  })

  test("depth at n and n + 1", () => {
    expect(codeOf(() => parse(nested(HTTP_LIMITS.jsonDepth)))).toBeUndefined()
    expect(codeOf(() => parse(nested(HTTP_LIMITS.jsonDepth + 1)))).toBe("bad-request")
    expect(codeOf(() => parse("[".repeat(1_000_000)))).toBe("bad-request")
  })

  test("keys at n and n + 1", () => {
    expect(codeOf(() => parse(keyed(HTTP_LIMITS.jsonKeys)))).toBeUndefined()
    expect(codeOf(() => parse(keyed(HTTP_LIMITS.jsonKeys + 1)))).toBe("bad-request")
  })

  test("values at n and n + 1", () => {
    const list = (commas: number): string => `[${"1,".repeat(commas)}1]`
    // The list itself is one.
    expect(codeOf(() => parse(list(HTTP_LIMITS.jsonValues - 1)))).toBeUndefined()
    expect(codeOf(() => parse(list(HTTP_LIMITS.jsonValues)))).toBe("bad-request")
  })

  test("a list in a list is a value too: few commas, many levels", () => {
    const column = "[".repeat(HTTP_LIMITS.jsonDepth - 1) + "]".repeat(HTTP_LIMITS.jsonDepth - 1)
    const columns = (count: number): string => `[${Array.from({ length: count }, () => column).join()}]`
    // Each column has `jsonDepth - 1` lists and a comma; the whole is a list and has a comma less.
    const most = HTTP_LIMITS.jsonValues / HTTP_LIMITS.jsonDepth
    expect(codeOf(() => parse(columns(most)))).toBeUndefined()
    expect(codeOf(() => parse(columns(most + 1)))).toBe("bad-request")
  })

  test.each([
    ["a prototype", '{"__proto__":{"a":1}}'],
    ["a prototype, deep", '{"a":[{"__proto__":1}]}'],
    ["a prototype, escaped", '{"\\u005f_proto__":1}'],
    ["a constructor's prototype", '{"constructor":{"prototype":{"a":1}}}'],
    ["a key twice", '{"a":1,"a":2}'],
    ["a key twice, escaped", '{"a":1,"\\u0061":2}'],
    ["no JSON", "{'a':1}"],
    ["cut off", '{"a":"'],
    ["nothing", ""],
    ["two values", "{}{}"],
    ["a number that is none", '{"a":NaN}'],
  ])("%s is a bad request", (_, text) => {
    expect(codeOf(() => parse(text))).toBe("bad-request")
  })

  test("bytes that are no UTF-8", () => {
    expect(codeOf(() => parseJson(Buffer.from([0x22, 0xff, 0x22])))).toBe("bad-request")
  })

  test("an ordinary key of that name stays", () => {
    expect(parse('{"constructor":"Ferrari","prototype":1}')).toEqual({ constructor: "Ferrari", prototype: 1 })
  })
})

import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Element, type SplitLimits, splitElements } from "./split-elements.ts"

async function* cut(text: string, pieceBytes: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function split(text: string, limits?: SplitLimits, pieceBytes = 3): Promise<Element[]> {
  const elements: Element[] = []
  for await (const element of splitElements(cut(text, pieceBytes), limits)) elements.push(element)
  return elements
}
const texts = async (text: string) =>
  (await split(text)).map((it) => (it.type === "text" ? it.text : it.reason))

describe("elements of a file", () => {
  test.each([
    ["a list of objects", ' [ {"a":[1]} , {"b":"}],"} ] ', ['{"a":[1]}', '{"b":"}],"}']],
    ["an empty list", "[]", []],
    ["one object", '{"a":{"b":[]}}\n', ['{"a":{"b":[]}}']],
    ["a mark of byte order", '\ufeff[{"a":1}]', ['{"a":1}']],
    ["elements that are no objects", '[1,"a,]",true,[2]]', ["1", '"a,]"', "true", "[2]"]],
    [
      "quotes behind backslashes",
      String.raw`[{"a":"\\"},{"b":"\""}]`,
      [String.raw`{"a":"\\"}`, String.raw`{"b":"\""}`],
    ],
    ["an end in the middle", '[{"a":1},{"b"', ['{"a":1}', "damaged"]],
    ["a list without an end", '[{"a":1},', ['{"a":1}', "damaged"]],
    ["something behind the end", '[{"a":1}] x', ['{"a":1}', "damaged"]],
  ])("%s", async (_, text, elements) => {
    expect(await texts(text)).toEqual(elements)
  })

  test.each(["", "  ", "hello", '"a"', "PK\u0003\u0004"])("%j is no list", async (text) => {
    await expect(split(text)).rejects.toMatchObject({ code: "bad-request" })
  })

  test("an element has n bytes and n levels, not one more; the next one comes all the same", async () => {
    const limits = { elementBytes: 10, depth: 3 }
    expect(await split('[{"a":1234},{"a":12345},{"b":1}]', limits)).toEqual([
      { type: "text", text: '{"a":1234}' },
      { type: "problem", reason: "too-large", message: "It has more than 10 bytes." },
      { type: "text", text: '{"b":1}' },
    ])
    expect(await split("[[[[1]]],[[[[]]]],{}]", limits)).toEqual([
      { type: "text", text: "[[[1]]]" },
      { type: "problem", reason: "damaged", message: "It is nested deeper than 3 levels." },
      { type: "text", text: "{}" },
    ])
  })

  test("they are the same however the file is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))),
        fc.nat({ max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        async (values, spaces, pieceBytes) => {
          const found = await split(JSON.stringify(values, null, spaces), undefined, pieceBytes)
          expect(found.map((it) => (it.type === "text" ? JSON.parse(it.text) : it))).toEqual(
            JSON.parse(JSON.stringify(values)),
          )
        },
      ),
    )
  })
})

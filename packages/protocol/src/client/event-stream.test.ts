import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CLIENT_LIMITS } from "../limits.ts"
import { createEventStreamParser, type ServerEvent } from "./event-stream.ts"

function parse(...pieces: string[]): readonly ServerEvent[] {
  const parser = createEventStreamParser()
  return pieces.flatMap((piece) => [...parser.push(piece)])
}

test.each<[string, string, ServerEvent[]]>([
  ["one event", "event: a\ndata: 1\n\n", [{ name: "a", data: "1" }]],
  ["no name", "data: 1\n\n", [{ name: "message", data: "1" }]],
  ["several lines of data", "data: 1\ndata:2\ndata\n\n", [{ name: "message", data: "1\n2\n" }]],
  ["CRLF and CR", "data: 1\r\n\r\ndata: 2\r\r", [1, 2].map((n) => ({ name: "message", data: `${n}` }))],
  [
    "comments and other fields",
    ": hello\nid: 7\nretry: 1\ndata: 1\n\n: bye\n\n",
    [{ name: "message", data: "1" }],
  ],
  ["a byte order mark", "\uFEFFdata: 1\n\n", [{ name: "message", data: "1" }]],
  ["only one space goes", "data:  1\n\n", [{ name: "message", data: " 1" }]],
  ["a name without data is no event", "event: a\n\ndata: 1\n\n", [{ name: "message", data: "1" }]],
  ["an event that was not ended", "data: 1\n", []],
])("%s", (_, text, events) => {
  expect(parse(text)).toEqual(events)
})

test("the events are the same however the text is cut", () => {
  const line = fc.constantFrom(
    "data: x",
    "data:",
    "event: e",
    ": c",
    "",
    "data: é\u2028",
    "id",
    "\uFEFFdata: 1",
  )
  const ending = fc.constantFrom("\n", "\r\n", "\r")
  const stream = fc.array(fc.tuple(line, ending)).map((lines) => lines.flat().join(""))
  fc.assert(
    fc.property(stream, fc.array(fc.nat(40)), (text, cuts) => {
      const pieces: string[] = []
      let at = 0
      for (const cut of cuts) {
        pieces.push(text.slice(at, at + cut))
        at += cut
      }
      pieces.push(text.slice(at))
      expect(parse(...pieces)).toEqual(parse(text))
      expect(parse(...text)).toEqual(parse(text))
    }),
    { numRuns: 500 },
  )
})

describe("an event is bounded, at n and n + 1", () => {
  const limit = CLIENT_LIMITS.eventCharacters
  test.each<[string, (n: number) => string]>([
    ["in one line", (n) => `data:${"x".repeat(n - 5)}`],
    ["in many lines", (n) => `data:${"x".repeat(n / 2 - 5)}\ndata:${"x".repeat(Math.ceil(n / 2) - 5)}`],
  ])("%s", (_, make) => {
    expect(parse(`${make(limit)}\n\n`)).toHaveLength(1)
    expect(() => parse(make(limit + 1))).toThrow(expect.objectContaining({ code: "bad-response" }))
  })
})

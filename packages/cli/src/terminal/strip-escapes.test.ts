import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createEscapeStripper, stripEscapes, toJsonLine } from "./strip-escapes.ts"

describe("what a model could do to a terminal is taken out", () => {
  const cases: [string, string, string][] = [
    ["plain text, tabs and lines stay", "a\tb\nc — é 👩‍👩‍👧", "a\tb\nc — é 👩‍👩‍👧"],
    ["colour", "a\x1b[31mred\x1b[0m", "ared"],
    ["cursor and erase", "\x1b[2J\x1b[Hx\x1b[?25l", "x"],
    ["title (OSC 0, BEL)", "a\x1b]0;pwned\x07b", "ab"],
    ["clipboard (OSC 52, ST)", "a\x1b]52;c;Y3VybA==\x1b\\b", "ab"],
    ["link (OSC 8)", "\x1b]8;;http://203.0.113.9\x1b\\click\x1b]8;;\x1b\\", "click"],
    ["C1 forms", "a\x9b31mb\x9d0;t\x9cc\x85d", "abcd"],
    ["DCS, APC, PM, SOS", "\x1bPq\x1b\\a\x1b_x\x07b\x1b^y\x1b\\c\x1bXz\x1b\\d", "abcd"],
    ["carriage return", "safe\rrm -rf", "saferm -rf"],
    ["backspace, bell, delete, null", "a\b\x07\x7f\0b", "ab"],
    ["character set selection", "\x1b(0a\x1b)Bb", "ab"],
    ["reset", "\x1bca", "a"],
    ["an OSC that never ends stops at the line", "\x1b]0;x\nshown", "\nshown"],
    ["an escape inside an OSC begins a new sequence", "\x1b]0;x\x1b[31mshown", "shown"],
    ["a broken sequence does not eat what follows", "\x1b[31\nshown", "\nshown"],
    ["an escape at the end", "a\x1b", "a"],
  ]
  test.each(cases)("%s", (_, dirty, clean) => {
    expect(stripEscapes(dirty)).toBe(clean)
  })

  test("a string without an end does not swallow the rest of the answer", () => {
    expect(stripEscapes(`\x1b]0;${"x".repeat(5_000)}`).length).toBeLessThan(1_000)
    expect(stripEscapes(`\x1b]0;${"x".repeat(5_000)}end`)).toMatch(/end$/)
  })

  const dirty = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "\x1b",
          "\x1b[",
          "\x1b]52;c;",
          "\x07",
          "\x1b\\",
          "\x9b",
          "\x9d",
          "\x9c",
          "31m",
          "\n",
          "\r",
        ),
        fc.string({ unit: "binary" }),
      ),
    )
    .map((parts) => parts.join(""))

  test("nothing that could be a control is left, however the text looks", () => {
    fc.assert(
      fc.property(dirty, (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
        expect(stripEscapes(text)).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/)
      }),
    )
  })

  test("the same text comes out however the stream is cut", () => {
    fc.assert(
      fc.property(dirty, fc.array(fc.nat({ max: 40 })), (text, cuts) => {
        const stripper = createEscapeStripper()
        let at = 0
        let clean = ""
        for (const cut of cuts) {
          clean += stripper.strip(text.slice(at, at + cut))
          at += cut
        }
        clean += stripper.strip(text.slice(at))
        expect(clean).toBe(stripEscapes(text))
      }),
    )
  })
})

test("a JSON line carries every character and no control", () => {
  const value = { text: "\x1b]52;c\x07 \x9b31m \x7f é" }
  const line = toJsonLine(value)
  expect(JSON.parse(line)).toEqual(value)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
  expect(line.slice(0, -1)).not.toMatch(/[\0-\x1f\x7f-\x9f]/)
})

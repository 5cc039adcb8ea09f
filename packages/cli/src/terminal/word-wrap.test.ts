import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createWordWrapper } from "./word-wrap.ts"

/** What a terminal shows of it: it knows "back n columns" and "wipe to the end of the line". */
function display(written: string): readonly string[] {
  const lines: string[] = [""]
  let column = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of the wrapper
  for (const [token, back] of written.matchAll(/\x1b\[(\d+)D|\x1b\[K|[\s\S]/g)) {
    const line = lines.at(-1) ?? ""
    if (back !== undefined) column -= Number(back)
    else if (token === "\x1b[K") lines[lines.length - 1] = line.slice(0, column)
    else if (token === "\n") {
      lines.push("")
      column = 0
    } else {
      lines[lines.length - 1] = line.slice(0, column) + token + line.slice(column + 1)
      column += 1
    }
  }
  return lines.map((line) => line.trimEnd())
}

const wrapped = (text: string, columns: number, cuts: readonly number[] = []): readonly string[] => {
  const wrapper = createWordWrapper(() => columns)
  let written = ""
  let at = 0
  for (const cut of [...cuts, text.length]) {
    written += wrapper.wrap(text.slice(at, at + cut))
    at += cut
  }
  return display(written)
}

describe("lines break between words", () => {
  test.each([
    ["short text stays", "one two three", ["one two three"]],
    ["a word that does not fit moves", "aaaa bbbb cccc dddd eeee ffff", ["aaaa bbbb cccc dddd", "eeee ffff"]],
    [
      "a word that fills the line breaks inside",
      "x".repeat(50),
      ["x".repeat(20), "x".repeat(20), "x".repeat(10)],
    ],
    ["line feeds stay", "a\n\nb", ["a", "", "b"]],
    ["a space at the edge becomes the break", `${"x".repeat(20)} y`, ["x".repeat(20), "y"]],
    [
      "code between fences is left alone",
      "```\naaaa bbbb cccc dddd eeee\n```\nx",
      ["```", "aaaa bbbb cccc dddd eeee", "```", "x"],
    ],
  ])("%s", (_, text, lines) => {
    expect(wrapped(text, 21)).toEqual(lines)
  })

  test("wide characters count twice", () => {
    expect(wrapped("日本語日本語日本語日本語", 21)).toEqual(["日本語日本語日本語日", "本語"])
  })

  test("every word is shown whole and no line is too long, however the stream is cut", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 40 })
    fc.assert(
      fc.property(words, fc.array(fc.nat({ max: 12 })), (list, cuts) => {
        const lines = wrapped(list.join(" "), 25, cuts)
        expect(
          lines
            .join(" ")
            .split(" ")
            .filter((word) => word !== ""),
        ).toEqual(list)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(24)
      }),
    )
  })
})

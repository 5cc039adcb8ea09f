import fc from "fast-check"
import { parseMarkdownIntoBlocks } from "streamdown"
import { expect, test } from "vitest"
import { createBlockSplitter } from "./split-blocks.ts"

const PIECES = [
  "# A heading\n\n",
  "Some **bold** words\nand a second line\n",
  "===\n",
  "---\n",
  "\n",
  "\n\n",
  "- one\n- two\n",
  "  - deeper\n\n",
  "1. first\n\n   more of it\n",
  "    indented\n",
  "```ts\nconst a = 1\n",
  "```\n",
  "~~~\n",
  "| a | b |\n| --- | --- |\n| 1 | 2 |\n",
  "> quoted\nlazy\n",
  "$$\nx^2\n",
  "$$\n",
  "<details>\n<summary>x</summary>\n",
  "</details>\n",
  "<div>",
  "</div>\n\n",
  "<br>\n",
  "[a]: https://a.test\n",
  "a [^1] note\n",
  "[^1]: the note\n",
  "\t tab\r\n",
  "word ",
]

test("a text that grows is cut as it is when it comes whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
      (pieces, steps) => {
        const text = pieces.join("")
        const split = createBlockSplitter()
        for (let end = 0, turn = 0; end < text.length; turn++) {
          end = Math.min(text.length, end + (steps[turn % steps.length] ?? 1))
          const sofar = text.slice(0, end)
          expect(split(sofar)).toEqual(parseMarkdownIntoBlocks(sofar))
        }
      },
    ),
    { numRuns: 300 },
  )
})

test("another text is cut anew", () => {
  const split = createBlockSplitter()
  split("# a\n\nb\n\nc\n\nd")
  expect(split("e\n\nf")).toEqual(parseMarkdownIntoBlocks("e\n\nf"))
})

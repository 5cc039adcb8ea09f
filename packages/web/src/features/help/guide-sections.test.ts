import fc from "fast-check"
import { expect, test } from "vitest"
import { anchorOf, plainText, sectionsOf, titleOf, withoutTitle } from "./guide-sections.ts"

const PAGE = `<!-- Generated. -->

# Own *programs*

Before everything.

## The \`held\` port, or: two

| a | b |
| --- | --- |
| **x** | [y](z.md#w) |

\`\`\`
# no heading
curl -d '{"n": 1}'
\`\`\`

### Deeper
- one
1. two
![seen](images/x.png)
`

test("a page is cut at its headings, and not in code", () => {
  expect(titleOf(PAGE)).toBe("Own programs")
  expect(sectionsOf(PAGE)).toEqual([
    { heading: "Own programs", anchor: "", text: "Before everything." },
    {
      heading: "The held port, or: two",
      anchor: "the-held-port-or-two",
      text: `a b x y # no heading curl -d '{"n": 1}'`,
    },
    { heading: "Deeper", anchor: "deeper", text: "one two seen" },
  ])
})

test("what stands below the title has none", () => {
  expect(withoutTitle(PAGE)).toMatch(/^\nBefore everything/)
  expect(withoutTitle("No title\n# later")).toBe("No title\n# later")
})

test.each([
  ["When a conversation gets long", "when-a-conversation-gets-long"],
  ["What is stored, and where", "what-is-stored-and-where"],
  ["OpenAI's API", "openais-api"],
  ["DRY: against repeated phrases", "dry-against-repeated-phrases"],
  ["fireside key create", "fireside-key-create"],
  ["DRY\u00a0: contre l’ennui", "dry--contre-lennui"],
])("the anchor of %j is %s", (heading, anchor) => {
  expect(anchorOf(heading)).toBe(anchor)
})

test("plain words stay as they are", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/)
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), (words) => {
      expect(plainText(words.join(" "))).toBe(words.join(" "))
      expect(plainText(words.map((it) => `**${it}**`).join("\n"))).toBe(words.join(" "))
    }),
  )
})

import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { GUIDE_PAGES, type GuidePage } from "./guide-pages.ts"
import { sectionsOf } from "./guide-sections.ts"
import { createGuideIndex, searchGuide } from "./search-guide.ts"

const index = createGuideIndex(GUIDE_PAGES)
const found = (query: string) =>
  searchGuide(index, query).map(({ page, section }) => `${page.id}#${section.anchor}`)

const page = (text: string): GuidePage => ({
  id: "p",
  group: "guide",
  language: "en",
  title: "Page",
  text: `# Page\n${text}`,
})

describe("in the guide", () => {
  test.each([
    ["port taken", "trouble#the-port-is-taken"],
    ["memory-refused", "trouble#it-does-not-fit"],
    ["temperature", "parameters#temperature"],
    ["LEDGER", "privacy#the-ledger"],
    ["curl anthropic", "own-programs#anthropics-api"],
    ["conversation long", "chatting-well#when-a-conversation-gets-long"],
    ["usb stick", "first-steps#without-the-internet"],
  ])("%j leads to %s first", (query, first) => {
    expect(found(query)[0]).toBe(first)
  })

  test.each(["", "  ", "—", "…?!"])("%j finds nothing", (query) => {
    expect(found(query)).toEqual([])
  })

  test("every word must be there", () => {
    expect(found("ledger xyzzy")).toEqual([])
  })

  test("the beginning of a word finds it", () => {
    expect(found("quaranti")[0]).toBe("trouble#the-model-crashed")
  })
})

test("a heading counts more than a text, and ties keep the order of the book", () => {
  const pages = [page("## One\nthe lock\n## Two\nthe lock\n## Lock\nthree")]
  const hits = searchGuide(createGuideIndex(pages), "lock")
  expect(hits.map(({ section }) => section.heading)).toEqual(["Lock", "One", "Two"])
})

test("a snippet shows the words, marked, wherever they stand", () => {
  const [hit] = searchGuide(
    createGuideIndex([page(`${"before ".repeat(80)}Needle İ needles ${"after ".repeat(80)}`)]),
    "needle",
  )
  const { text, matches } = hit!.snippet
  expect(text).toMatch(/^… before .*Needle İ needles after .* …$/)
  expect(matches.map(({ start, end }) => text.slice(start, end))).toEqual(["Needle", "needle"])
})

test("every section is found by each of its own words, with the word marked when it stands in the text", () => {
  const sections = GUIDE_PAGES.flatMap(({ text }) => sectionsOf(text).map((section) => section.text))
  const words = sections.flatMap((text) => text.match(/[\p{L}\p{N}]{4,}/gu) ?? [])
  fc.assert(
    fc.property(fc.constantFrom(...words), (word) => {
      const hits = searchGuide(index, word)
      expect(hits.length).toBeGreaterThan(0)
      for (const { snippet } of hits) {
        let last = 0
        for (const { start, end } of snippet.matches) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(snippet.text.slice(start, end).toLowerCase()).toBe(word.toLowerCase())
          last = end
        }
      }
    }),
  )
})

test("nothing that is typed breaks it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (query) => {
      for (const { snippet } of searchGuide(index, query))
        for (const { start, end } of snippet.matches) expect(snippet.text.slice(start, end)).not.toBe("")
    }),
  )
})

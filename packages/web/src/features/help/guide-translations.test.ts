// The guide says the same in every language: the same sections, code, tables and numbers, and links that lead to its own pages.
import { existsSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { LANGUAGES, type Language } from "../../languages.ts"
import { findGuidePage, GUIDE_PAGES, type GuidePage, loadGuide } from "./guide-pages.ts"
import { sectionsOf } from "./guide-sections.ts"
import { guideTarget } from "./guide-target.ts"
import { createGuideIndex, searchGuide } from "./search-guide.ts"

const folder = fileURLToPath(new URL("../../../../../docs/guide", import.meta.url))
const names = Object.keys(LANGUAGES) as Language[]
const others = names.filter((language) => language !== "en")
const ids = GUIDE_PAGES.map(({ id }) => id)
const english = GUIDE_PAGES.filter(({ group }) => group === "guide")
const guides = new Map(
  await Promise.all(names.map(async (language) => [language, await loadGuide(language)] as const)),
)
const pageOf = (language: Language, id: string): GuidePage => {
  const page = findGuidePage(id, guides.get(language))
  if (page === undefined) throw new Error(`There is no page ${id}.`)
  return page
}

test("there are folders for the languages of the page, each with every page and no other", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".md"))
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(
    folders
      .map(({ name }) => name)
      .filter((name) => name !== "images")
      .sort(),
  ).toEqual(others.sort())
  for (const language of others) expect(readdirSync(`${folder}/${language}`).sort()).toEqual(files.sort())
})

test("what no language has is there in English", () => {
  expect(guides.get("de")?.map(({ id }) => id)).toEqual(ids)
  expect(pageOf("de", "cli")).toEqual(findGuidePage("cli"))
  expect(pageOf("de", "models")).toMatchObject({ language: "de", title: "Modelle", group: "guide" })
})

/** What must be the same, however it is said. */
const form = (text: string) => ({
  headings: [...text.matchAll(/^#+(?= )/gm)].map(([signs]) => signs),
  code: [...text.matchAll(/^```[\s\S]*?^```$/gm)].map(([block]) => block),
  pieces: [...withoutBlocks(text).matchAll(/`[^`\n]+`/g)].map(([code]) => code).sort(),
  tables: [...text.matchAll(/^\|.*\|$/gm)].map(([row]) => row.replace(/`[^`]*`/g, "").split("|").length),
  items: [...text.matchAll(/^(?:-|\d+\.) /gm)].length,
  images: [...text.matchAll(/images\/[\w-]+\.png/g)].map(([path]) => path),
  pages: [...text.matchAll(/\]\((?:\.\.\/)*([^)#]+)(#?)/g)].map(([, page, anchor]) => `${page}${anchor}`),
})

describe.each(others)("%s", (language) => {
  test.each(english.map(({ id, text }) => [id, text]))("%s has the form of the English page", (id, text) => {
    expect(form(pageOf(language, id).text)).toEqual(form(text))
  })

  test.each(english.map(({ id }) => id))("%s: no heading twice, and each in its own words", (id) => {
    const headings = sectionsOf(pageOf(language, id).text).map(({ heading }) => heading)
    expect(new Set(headings).size).toBe(headings.length)
    const same = sectionsOf(pageOf("en", id).text).filter(({ heading }, at) => heading === headings[at])
    const names = ["Top-p", "Top-k", "Min-p", "Mirostat", "Embeddings"]
    expect(same.map(({ heading }) => heading).filter((heading) => !names.includes(heading))).toEqual([])
  })

  test("each link leads to a page and a heading that are there", () => {
    for (const { id } of english)
      for (const [, href = ""] of pageOf(language, id).text.matchAll(/(?<!!)\[[^\]]*\]\(([^)]*)\)/g)) {
        const target = guideTarget(href, ids)
        expect(target.type, `${id}: ${href}`).not.toBe("none")
        if (target.type === "page" && target.anchor !== "") {
          const anchors = sectionsOf(pageOf(language, target.page).text).map(({ anchor }) => anchor)
          expect(anchors, `${id}: ${href}`).toContain(target.anchor)
        }
        if (!href.startsWith("http"))
          expect(existsSync(`${folder}/${language}/${href.replace(/#.*/, "")}`), `${id}: ${href}`).toBe(true)
      }
  })

  test("the defaults and ranges of parameters are those of the English page", () => {
    const values = (text: string) =>
      [...text.matchAll(/^`(\w+)` · (.*) · (.*)$/gm)].map(([, name, ...rest]) => [
        name,
        ...rest.map((value) => value.match(/-?\d+(?:\.\d+)?/g)),
      ])
    const own = values(pageOf(language, "parameters").text)
    expect(own).toEqual(values(pageOf("en", "parameters").text))
    expect(own.length).toBeGreaterThan(20)
  })

  test("every section is found by its own heading", () => {
    const guide = guides.get(language) ?? []
    const index = createGuideIndex(guide)
    for (const { id, text } of guide.filter(({ group }) => group === "guide"))
      for (const { heading, anchor } of sectionsOf(text)) {
        const found = searchGuide(index, heading).map(({ page, section }) => `${page.id}#${section.anchor}`)
        expect(found, heading).toContain(`${id}#${anchor}`)
      }
  })
})

test.each<[Language, string, string]>([
  ["de", "port belegt", "trouble#der-port-ist-belegt"],
  ["fr", "memoire", "models#"],
  ["fr", "tournures repetees", "parameters#dry--contre-les-tournures-répétées"],
  ["es", "clave revoke", "own-programs#claves"],
  ["zh", "端口占用", "trouble#端口被占用"],
  ["zh", "账本", "privacy#连接账本"],
  ["ar", "سياق ممتلئ", "trouble#السياق-ممتلئ"],
  ["ar", "قفل", "privacy#القفل"],
])("in %s, %j is found", (language, query, place) => {
  const hits = searchGuide(createGuideIndex(guides.get(language) ?? []), query)
  const found = hits.map(({ page, section }) => `${page.id}#${section.anchor}`)
  if (place.endsWith("#")) expect(found.some((it) => it.startsWith(place))).toBe(true)
  else expect(found[0]).toBe(place)
  for (const { snippet } of hits)
    for (const { start, end } of snippet.matches) expect(snippet.text.slice(start, end).trim()).not.toBe("")
})

function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, "")
}

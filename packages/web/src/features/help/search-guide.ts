// Finds passages of the guide by their words. The whole guide is a few hundred sections, so every one is looked at each time.
import type { GuidePage } from "./guide-pages.ts"
import { type GuideSection, sectionsOf } from "./guide-sections.ts"
import { findWords, type SearchText, searchText, type TextRange, weightOf, wordsOf } from "./search-text.ts"

export interface GuideHit {
  readonly page: GuidePage
  readonly section: GuideSection
  readonly snippet: {
    readonly text: string
    /** Where the words are in it: UTF-16 code units, the end not included, in order, none within another. */
    readonly matches: readonly TextRange[]
  }
}

export type GuideIndex = readonly IndexedSection[]

interface IndexedSection {
  readonly page: GuidePage
  readonly section: GuideSection
  readonly title: SearchText
  readonly heading: SearchText
  readonly text: SearchText
}

const MOST_HITS = 20
const SNIPPET_BEFORE = 60
const SNIPPET_LENGTH = 200

export function createGuideIndex(pages: readonly GuidePage[]): GuideIndex {
  return pages.flatMap((page) =>
    sectionsOf(page.text).map((section) => ({
      page,
      section,
      title: searchText(page.title),
      heading: searchText(section.heading),
      text: searchText(section.text),
    })),
  )
}

/** Sections that have every word of the query, or a word that begins with it: in the heading first. None for a query without words. */
export function searchGuide(index: GuideIndex, query: string): readonly GuideHit[] {
  const wanted = wordsOf(query)
  if (wanted.length === 0) return []
  return index
    .map((entry, order) => ({ entry, order, score: scoreOf(entry, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .slice(0, MOST_HITS)
    .map(({ entry: { page, section, text } }) => ({ page, section, snippet: snippetOf(text, wanted) }))
}

/** 0 when a word is nowhere. A guide's page counts before a list of everything that there is. */
function scoreOf({ page, title, heading, text }: IndexedSection, wanted: readonly string[]): number {
  let score = page.group === "guide" ? 1 : 0
  for (const word of wanted) {
    const found = 8 * weightOf(heading, word) + 3 * weightOf(title, word) + 2 * weightOf(text, word)
    if (found === 0) return 0
    score += found
  }
  return score
}

function snippetOf(whole: SearchText, wanted: readonly string[]): GuideHit["snippet"] {
  const { text } = whole
  const found = findWords(whole, wanted)
  const first = found[0]?.start ?? 0
  const start = first <= SNIPPET_BEFORE ? 0 : wordStart(text, first - SNIPPET_BEFORE, first)
  const end = Math.min(text.length, start + SNIPPET_LENGTH)
  const head = start === 0 ? "" : "… "
  const tail = end === text.length ? "" : " …"
  const shift = head.length - start
  return {
    text: `${head}${text.slice(start, end)}${tail}`,
    matches: found
      .filter((range) => range.start >= start && range.end <= end)
      .map((range) => ({ start: range.start + shift, end: range.end + shift })),
  }
}

/** The next beginning of a word, so that none is cut; where words have no spaces between them, the place itself. */
function wordStart(text: string, at: number, before: number): number {
  const space = text.indexOf(" ", at)
  return space === -1 || space >= before ? at : space + 1
}

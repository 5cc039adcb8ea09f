// Finds passages of the guide by their words. The whole guide is a few hundred sections, so every one is looked at each time.
import type { GuidePage } from "./guide-pages.ts"
import { type GuideSection, sectionsOf } from "./guide-sections.ts"

export interface GuideHit {
  readonly page: GuidePage
  readonly section: GuideSection
  readonly snippet: {
    readonly text: string
    /** Where the words are in it: UTF-16 code units, the end not included, in order, none within another. */
    readonly matches: readonly TextRange[]
  }
}

export interface TextRange {
  readonly start: number
  readonly end: number
}

export type GuideIndex = readonly IndexedSection[]

interface IndexedSection {
  readonly page: GuidePage
  readonly section: GuideSection
  readonly title: readonly string[]
  readonly heading: readonly string[]
  readonly text: readonly string[]
}

const MOST_HITS = 20
const SNIPPET_BEFORE = 60
const SNIPPET_LENGTH = 200

export function createGuideIndex(pages: readonly GuidePage[]): GuideIndex {
  return pages.flatMap((page) =>
    sectionsOf(page.text).map((section) => ({
      page,
      section,
      title: wordsOf(page.title),
      heading: wordsOf(section.heading),
      text: wordsOf(section.text),
    })),
  )
}

/** Sections that have every word of the query, or a word that begins with it: in the heading first. None for a query without words. */
export function searchGuide(index: GuideIndex, query: string): readonly GuideHit[] {
  const wanted = [...new Set(wordsOf(query))]
  if (wanted.length === 0) return []
  return index
    .map((entry, order) => ({ entry, order, score: scoreOf(entry, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .slice(0, MOST_HITS)
    .map(({ entry: { page, section } }) => ({ page, section, snippet: snippetOf(section.text, wanted) }))
}

/** 0 when a word is nowhere. A guide's page counts before a list of everything that there is. */
function scoreOf(entry: IndexedSection, wanted: readonly string[]): number {
  let score = entry.page.group === "guide" ? 1 : 0
  for (const word of wanted) {
    const found = weight(entry.heading, word, 8) + weight(entry.title, word, 3) + weight(entry.text, word, 2)
    if (found === 0) return 0
    score += found
  }
  return score
}

/** A whole word counts twice as much as a beginning. */
function weight(words: readonly string[], wanted: string, value: number): number {
  if (words.includes(wanted)) return value
  return words.some((word) => word.startsWith(wanted)) ? value / 2 : 0
}

function snippetOf(text: string, wanted: readonly string[]): GuideHit["snippet"] {
  const found = matchesIn(text, wanted)
  const first = found[0]?.start ?? 0
  const start = first <= SNIPPET_BEFORE ? 0 : wordStart(text, first - SNIPPET_BEFORE)
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

/** The next beginning of a word, so that none is cut. */
function wordStart(text: string, at: number): number {
  const space = text.indexOf(" ", at)
  return space === -1 ? at : space + 1
}

function matchesIn(text: string, wanted: readonly string[]): readonly TextRange[] {
  const ranges: TextRange[] = []
  for (const { index, 0: word } of fold(text).matchAll(WORD)) {
    const longest = Math.max(0, ...wanted.filter((it) => word.startsWith(it)).map((it) => it.length))
    if (longest > 0) ranges.push({ start: index, end: index + longest })
  }
  return ranges
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu

function wordsOf(text: string): readonly string[] {
  return fold(text).match(WORD) ?? []
}

/** Lower case, and as long as it was: places in it are places in the text. */
function fold(text: string): string {
  return Array.from(text, (letter) => {
    const lower = letter.toLowerCase()
    return lower.length === letter.length ? lower : letter
  }).join("")
}

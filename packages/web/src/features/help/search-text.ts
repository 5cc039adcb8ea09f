// A text as it is searched: in lower case and without accents, with the way back to its own letters. Latin words are found by their
// beginning; in Chinese, which has no spaces, and in Arabic, which writes “the” and “and” onto the word, also by what is within.

export interface SearchText {
  readonly text: string
  readonly folded: Folded
  readonly words: readonly Word[]
}

/** UTF-16 code units of the text, the end not included. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

interface Folded {
  readonly letters: string
  /** For each of the letters, its place in the text. */
  readonly places: readonly number[]
}

/** A run of letters of one script. */
interface Word {
  readonly letters: string
  /** Its place among the folded letters. */
  readonly at: number
}

const WORD = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu
const JOINED = /^[\p{Script=Han}\p{Script=Arabic}]+$/u

export function searchText(text: string): SearchText {
  const folded = fold(text)
  const words = [...folded.letters.matchAll(WORD)].map(({ index, 0: letters }) => ({ letters, at: index }))
  return { text, folded, words }
}

/** What is searched for, each once. Chinese is cut as a dictionary does. */
export function wordsOf(query: string): readonly string[] {
  const runs = fold(query).letters.match(WORD) ?? []
  return [...new Set(runs.flatMap((run) => (/^\p{Script=Han}/u.test(run) ? dictionaryWords(run) : [run])))]
}

function dictionaryWords(run: string): readonly string[] {
  const segmenter = new Intl.Segmenter("zh", { granularity: "word" })
  return Array.from(segmenter.segment(run), ({ segment }) => segment)
}

/** A whole word is 1, a part of one a half, 0 is nowhere. */
export function weightOf({ words }: SearchText, wanted: string): number {
  if (words.some(({ letters }) => letters === wanted)) return 1
  return words.some(({ letters }) => placesIn(letters, wanted).length > 0) ? 0.5 : 0
}

/** In order, none within another. */
export function findWords(
  { text, folded, words }: SearchText,
  wanted: readonly string[],
): readonly TextRange[] {
  const found = words.flatMap(({ letters, at }) =>
    wanted.flatMap((word) =>
      placesIn(letters, word).map((place) => ({ start: at + place, end: at + place + word.length })),
    ),
  )
  const ranges: TextRange[] = []
  // The longest first where several begin together.
  for (const { start, end } of found.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const range = { start: folded.places[start] ?? text.length, end: folded.places[end] ?? text.length }
    if (range.start >= (ranges.at(-1)?.end ?? 0)) ranges.push(range)
  }
  return ranges
}

function placesIn(letters: string, wanted: string): readonly number[] {
  if (!JOINED.test(wanted)) return letters.startsWith(wanted) ? [0] : []
  const places: number[] = []
  for (let at = letters.indexOf(wanted); at !== -1; at = letters.indexOf(wanted, at + wanted.length))
    places.push(at)
  return places
}

function fold(text: string): Folded {
  let letters = ""
  const places: number[] = []
  let at = 0
  for (const letter of text) {
    const plain = letter.normalize("NFKD").toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    for (let unit = 0; unit < plain.length; unit++) places.push(at)
    letters += plain
    at += letter.length
  }
  return { letters, places }
}

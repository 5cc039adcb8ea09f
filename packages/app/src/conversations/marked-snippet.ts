// A snippet in which the found words are between two marks → its text and where the words are.
import type { SearchHit } from "@fireside/protocol"

export interface Marks {
  readonly open: string
  readonly close: string
}

/** On one line; offsets are UTF-16 code units. The marks must not be in the text itself. */
export function readMarkedSnippet(marked: string, { open, close }: Marks): SearchHit["snippet"] {
  const line = marked.replaceAll(/\s+/g, " ").trim()
  const matches: { start: number; end: number }[] = []
  let text = ""
  for (const [at, piece] of line.split(open).entries()) {
    if (at === 0) {
      text += piece
      continue
    }
    const end = piece.indexOf(close)
    const found = end < 0 ? piece : piece.slice(0, end)
    matches.push({ start: text.length, end: text.length + found.length })
    text += end < 0 ? found : found + piece.slice(end + close.length)
  }
  return { text, matches }
}

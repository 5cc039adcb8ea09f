// Cuts long text for the tokeniser, whose time can grow with the square of the length, where no token would have crossed.

export interface ChunkOptions {
  /** Largest chunk, bytes of UTF-8. */
  readonly chunkBytes: number
  /** The tokeniser puts a space before each piece that it is given, so the one at a border must go. */
  readonly dropSpace: boolean
}

/**
 * Borders are before a single space between two other characters: vocabularies join a space with the word after it, never
 * with the one before. Text without such a place is cut between code points; then a token may differ.
 */
export function chunkText(text: string, options: ChunkOptions): readonly string[] {
  const { chunkBytes, dropSpace } = options
  // Three bytes is the most that one UTF-16 unit becomes, so this many units always fit.
  const units = Math.max(1, Math.floor(chunkBytes / 3))
  if (Buffer.byteLength(text) <= chunkBytes) return [text]
  const chunks: string[] = []
  let start = 0
  while (start < text.length) {
    const end = start + units >= text.length ? text.length : border(text, start, start + units)
    const chunk = text.slice(start, end)
    chunks.push(dropSpace && start > 0 && chunk.startsWith(" ") ? chunk.slice(1) : chunk)
    start = end
  }
  return chunks
}

function border(text: string, start: number, latest: number): number {
  const earliest = start + Math.floor((latest - start) / 2)
  for (let at = latest; at > earliest; at--) if (isWordBorder(text, at)) return at
  const low = text.charCodeAt(latest)
  // Not between the halves of a surrogate pair.
  return low >= 0xdc00 && low <= 0xdfff && latest - 1 > start ? latest - 1 : latest
}

const LETTER = /^\p{L}$/u

function isWordBorder(text: string, at: number): boolean {
  return text[at] === " " && LETTER.test(text[at - 1] ?? "") && LETTER.test(text[at + 1] ?? "")
}

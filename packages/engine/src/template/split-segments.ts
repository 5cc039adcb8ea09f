// Rendered text → segments in which no control token is made of a character that the user wrote.
import type { TokenKind } from "@fireside/protocol"
import type { MarkedText, Text } from "./jinja/values.ts"
import type { PromptSegment } from "./render-chat.ts"

interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Only the user's characters that would take part in a control token are cut out (`special: false`): everything else
 * stays in one run with the template, so that its tokens are those of the plain rendering.
 */
export function splitSegments(
  text: Text,
  specialTokens: readonly string[],
  kindOf: (source: number) => TokenKind,
): readonly PromptSegment[] {
  if (typeof text === "string") return text === "" ? [] : [{ text, special: true, kind: "template" }]
  const segments: PromptSegment[] = []
  const push = (start: number, end: number, special: boolean, kind: TokenKind): void => {
    if (start < end) segments.push({ text: text.text.slice(start, end), special, kind })
  }
  const plain = plainRanges(text, specialTokens)
  let next = 0
  let at = 0
  for (const mark of text.marks) {
    const kind = kindOf(mark.source)
    push(at, mark.start, true, "template")
    at = mark.start
    while ((plain[next]?.start ?? Number.POSITIVE_INFINITY) < mark.end) {
      const range = plain[next]
      if (range === undefined) break
      push(at, range.start, true, kind)
      push(range.start, range.end, false, kind)
      at = range.end
      next += 1
    }
    push(at, mark.end, true, kind)
    at = mark.end
  }
  push(at, text.text.length, true, "template")
  return segments
}

/** Tokens by their first character, then by length: thousands of tokens that begin alike cost a few look-ups. */
type TokenIndex = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<string>>>

function indexTokens(tokens: readonly string[]): TokenIndex {
  const index = new Map<string, Map<number, Set<string>>>()
  for (const token of tokens) {
    const first = token[0]
    if (first === undefined) continue
    const lengths = index.get(first) ?? new Map<number, Set<string>>()
    index.set(first, lengths)
    const same = lengths.get(token.length) ?? new Set<string>()
    lengths.set(token.length, same)
    same.add(token)
  }
  return index
}

/** The user's characters inside any occurrence of any control token, joined; never across the border of a mark. */
function plainRanges(text: MarkedText, specialTokens: readonly string[]): Range[] {
  const index = indexTokens(specialTokens)
  const longest = specialTokens.reduce((length, token) => Math.max(length, token.length), 0)
  const ranges: Range[] = []
  for (const mark of text.marks) {
    let open: { start: number; end: number } | undefined
    for (let i = Math.max(0, mark.start - longest + 1); i < mark.end; i += 1) {
      for (const [length, tokens] of index.get(text.text[i] ?? "") ?? []) {
        const end = Math.min(i + length, mark.end)
        const start = Math.max(i, mark.start)
        if (start >= end || !tokens.has(text.text.slice(i, i + length))) continue
        if (open !== undefined && start <= open.end) open.end = Math.max(open.end, end)
        else {
          if (open !== undefined) ranges.push(open)
          open = { start, end }
        }
      }
    }
    if (open !== undefined) ranges.push(open)
  }
  return ranges
}

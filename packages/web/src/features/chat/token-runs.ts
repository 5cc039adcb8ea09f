// The tokens of a rendered chat as pieces of its text. Pure.
import type { NativeRendered, TokenKind } from "@fireside/protocol"

export interface TokenRun {
  readonly kind: TokenKind
  readonly text: string
  /** Of the first character in the whole. */
  readonly start: number
}

type Rendered = Pick<NativeRendered, "text" | "kinds" | "ends">

/** Neighbours of one kind are one run; `apart`: each token is. Together they are the text, whatever the tokens say. */
export function tokenRuns({ text, kinds, ends }: Rendered, apart: boolean): readonly TokenRun[] {
  const runs: TokenRun[] = []
  let start = 0
  const push = (kind: TokenKind, end: number) => {
    // A token that ends within a character has nothing of its own to show.
    if (end <= start) return
    const piece = text.slice(start, end)
    const last = runs.at(-1)
    if (last !== undefined && last.kind === kind && !apart)
      runs[runs.length - 1] = { ...last, text: last.text + piece }
    else runs.push({ kind, text: piece, start })
    start = end
  }
  for (const [index, kind] of kinds.entries()) push(kind, ends[index] ?? start)
  push("template", text.length)
  return runs
}

/** How many tokens there are of each kind that there is. */
export function countKinds(kinds: readonly TokenKind[]): ReadonlyMap<TokenKind, number> {
  const counts = new Map<TokenKind, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

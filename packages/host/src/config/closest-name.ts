// The name someone probably meant.

/** More slips than this and it is another word. */
const FARTHEST = 3

/** The candidate with the fewest single-letter changes from `name`, if they are few; undefined otherwise. */
export function closestName<Name extends string>(
  name: string,
  candidates: readonly Name[],
): Name | undefined {
  // Distances to a very long text are never small, and would take long to compute.
  if (name.length > 100) return undefined
  let best: { readonly candidate: Name; readonly distance: number } | undefined
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= Math.min(FARTHEST, candidate.length / 2) && distance < (best?.distance ?? Infinity))
      best = { candidate, distance }
  }
  return best?.candidate
}

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[at - 1] === to[column - 1] ? 0 : 1
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (row[column - 1] ?? 0) + same))
    }
    row = next
  }
  return row[to.length] ?? 0
}

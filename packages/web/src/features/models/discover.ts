// What a search shows: the catalogue's models in the order of use to this machine, then what only the hub has.
import type { CatalogueMatch } from "@fireside/protocol"

const RANK = { fits: 0, slow: 1, "will-not-fit": 2 } as const

/** Those that fit first, the most capable of them on top; within the others likewise. What is not known stands between. */
export function rankMatches(matches: readonly CatalogueMatch[]): readonly CatalogueMatch[] {
  const rank = ({ fit }: CatalogueMatch): number => (fit === null ? 1 : RANK[fit.label])
  return matches.toSorted((a, b) => rank(a) - rank(b) || b.parameters - a.parameters)
}

/** The hub's own, in its order: the most downloaded first. The catalogue's stand in every answer. */
export function onlyOfHub(
  known: readonly CatalogueMatch[],
  answer: readonly CatalogueMatch[],
): readonly CatalogueMatch[] {
  const names = new Set(known.map(({ name }) => name))
  return answer.filter(({ name }) => name.startsWith("hf:") && !names.has(name))
}

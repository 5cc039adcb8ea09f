// Looking up models that Fireside knows by name, and the names close to one that nobody knows. The table is in `catalogue-data.ts`.
import type { CatalogueEntry } from "./library.ts"
import { formatReference, type Reference } from "./reference.ts"

/** The entry that a name means: tags compare without case, and no tag means the entry marked `latest`. */
export function findEntry(
  catalogue: readonly CatalogueEntry[],
  reference: Reference,
): CatalogueEntry | undefined {
  if (reference.type !== "name" || reference.host !== undefined || reference.namespace !== undefined)
    return undefined
  const name = reference.name.toLowerCase()
  const tag = reference.tag?.toLowerCase()
  if (tag === undefined || tag === "latest")
    return catalogue.find((entry) => entry.latest === true && entry.name.split(":", 1)[0] === name)
  return catalogue.find((entry) => entry.name === `${name}:${tag}`)
}

/** The entry that lists this very source: it knows the licence of a package or repository that does not say. */
export function findEntryBySource(
  catalogue: readonly CatalogueEntry[],
  reference: Reference,
): CatalogueEntry | undefined {
  const text = formatReference(reference).toLowerCase()
  return catalogue.find((entry) => entry.sources.some((source) => source.toLowerCase() === text))
}

/** Words that all occur in name, title, purpose, languages or licence. */
export function searchCatalogue(
  catalogue: readonly CatalogueEntry[],
  query: string,
): readonly CatalogueEntry[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
  return catalogue.filter((entry) => {
    const text = [
      entry.name,
      entry.title,
      entry.goodFor,
      entry.licence.name,
      ...entry.languages,
      ...entry.capabilities,
    ]
      .join(" ")
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** At most three names a typing mistake away from `name`, nearest first; then those of the same family. */
export function closeNames(name: string, known: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase()
  const family = wanted.split(":", 1)[0] ?? wanted
  const allowed = Math.max(2, Math.floor(wanted.length / 4))
  const scored = [...new Set(known)].map((candidate) => {
    const text = candidate.toLowerCase()
    const distance = Math.min(
      editDistance(wanted, text),
      // The tag left out or mistyped: the family alone decides, behind every real neighbour.
      editDistance(family, text.split(":", 1)[0] ?? text) + allowed,
    )
    return { candidate, distance }
  })
  return scored
    .filter((entry) => entry.distance <= allowed + 1)
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map((entry) => entry.candidate)
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(at(current, j - 1) + 1, at(previous, j) + 1, at(previous, j - 1) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(before, j - 2) + 1)
      current.push(best)
    }
    before = previous
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}

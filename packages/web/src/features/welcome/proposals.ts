// Which models the welcome shows, out of what the server proposes; and how much this machine can take.
import type { CatalogueMatch, ModelSummary, Welcome } from "@fireside/protocol"

export type Candidate = Welcome["candidates"][number]

const SHOWN = 3

/**
 * The recommended one first, then the middle and the smallest of the others: choices that differ, not neighbours.
 * What is in the library already is no download.
 */
export function chooseProposals(
  candidates: readonly Candidate[],
  models: readonly Pick<ModelSummary, "name">[],
): readonly Candidate[] {
  const here = new Set(models.map(({ name }) => name))
  const open = candidates.filter(({ entry }) => !here.has(entry.name))
  const [first, ...others] = open
  if (first === undefined || others.length < SHOWN) return open.slice(0, SHOWN)
  const middle = others[Math.floor((others.length - 1) / 2)]
  const last = others.at(-1)
  return [first, middle, last].filter((it) => it !== undefined)
}

/** Models that are here and can be talked to, the newest first. */
export function usableModels(
  models: readonly ModelSummary[],
  present: ModelSummary | undefined,
): readonly ModelSummary[] {
  const usable = models.filter(({ problem }) => problem === undefined)
  const own = usable.filter(({ inPlace }) => !inPlace)
  const newest = own.toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt))
  // Of other programs' stores the server has chosen the best for a chat.
  return present === undefined ? newest : [...newest, present]
}

export interface Reach {
  /** Weights of the largest that answers faster than people read; 0 when there is none. */
  readonly comfortable: number
  /** … and of the largest that fits at all. */
  readonly possible: number
}

export function reachOf(matches: readonly Pick<CatalogueMatch, "parameters" | "fit">[]): Reach {
  const largest = (labels: readonly string[]): number =>
    Math.max(
      0,
      ...matches.filter(({ fit }) => fit !== null && labels.includes(fit.label)).map((it) => it.parameters),
    )
  return { comfortable: largest(["fits"]), possible: largest(["fits", "slow"]) }
}

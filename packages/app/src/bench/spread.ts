// The statistics of a run: few rounds on a machine that does other things too, so the median with its extremes and no mean.
import type { Spread } from "@fireside/protocol"

/** Null for an empty list: not measured. */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((left, right) => left - right)
  const [min] = sorted
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) return null
  return { median: quantile(sorted, 0.5), min, max }
}

/** Of sorted values, between neighbours. NaN for an empty list. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

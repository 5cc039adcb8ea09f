// Medians and ratios of paired measurements. Pure.

export interface Summary {
  readonly median: number
  readonly minimum: number
  readonly maximum: number
  readonly count: number
}

/** Throws for an empty list: a benchmark without measurements is a mistake. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new Error("no measurements to summarise")
  return {
    median: percentile(values, 0.5),
    minimum: Math.min(...values),
    maximum: Math.max(...values),
    count: values.length,
  }
}

/** The value below which `share` (0…1) of the values lie, linear between neighbours. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * Math.min(Math.max(share, 0), 1)
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new Error("no measurements to rank")
  const weight = place - Math.floor(place)
  // The difference of two finite numbers may be none.
  return below * (1 - weight) + above * weight
}

/** Of speeds over pieces of one length: the speed over all of them. */
export function harmonicMean(values: readonly number[]): number {
  if (values.length === 0) throw new Error("no measurements to average")
  return values.length / values.reduce((sum, value) => sum + 1 / value, 0)
}

/**
 * Ratios subject / against, round by round: what disturbs one round disturbs both, so their quotient is steadier than the
 * quotient of two medians.
 */
export function ratios(subject: readonly number[], against: readonly number[]): number[] {
  if (subject.length !== against.length)
    throw new Error(`${subject.length} measurements cannot be paired with ${against.length}`)
  return subject.map((value, round) => {
    const other = against[round]
    if (other === undefined || other === 0)
      throw new Error(`round ${round + 1} measured nothing to compare with`)
    return value / other
  })
}

/** Is a median ratio what was aimed for? */
export function meets(ratio: number, goal: number, better: "higher" | "lower"): boolean {
  return better === "higher" ? ratio >= goal : ratio <= goal
}

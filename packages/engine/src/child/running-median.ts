// The median of the last values of a series. They stay sorted, so that each new one costs a search and not a sort. Pure.

export interface RunningMedian {
  /** How many values it is the median of. */
  readonly count: number
  /** The upper one of an even number; NaN without values. */
  readonly median: number
  /** The oldest value goes when there are `size` already. */
  add(value: number): void
}

export function createRunningMedian(size: number): RunningMedian {
  const values: number[] = []
  const sorted: number[] = []
  /** Where the first value that is not less stands. */
  const placeOf = (value: number): number => {
    let from = 0
    let to = sorted.length
    while (from < to) {
      const middle = (from + to) >> 1
      if ((sorted[middle] as number) < value) from = middle + 1
      else to = middle
    }
    return from
  }
  return {
    get count() {
      return values.length
    },
    get median() {
      return sorted[sorted.length >> 1] ?? Number.NaN
    },
    add: (value) => {
      const oldest = values.length >= size ? values.shift() : undefined
      if (oldest !== undefined) sorted.splice(placeOf(oldest), 1)
      sorted.splice(placeOf(value), 0, value)
      values.push(value)
    },
  }
}

// How long a decode of so many rows takes with the model that is loaded, learnt from the steps that are done anyway. Pure.
// A calibration at load would be some fifty steps, ten seconds for a large model; a few steps of the sizes that are used tell as much.

/** A step that takes this many times what is expected was disturbed, and says nothing … */
const OUTLIER = 3
/** … but this many of one size in a row are how things are now. */
const BELIEVED_AFTER = 3
/** Weight of a new step; the first ones of a size weigh more. */
const WEIGHT = 0.1
/** What was not measured for this many steps may no longer hold: the context has grown, the processor has other work. */
const FORGOTTEN_AFTER = 256
/**
 * What was measured behind so many times the tokens of now, and so many more, is too dear for now: sixteen rows take 5.9 times one behind
 * 600 tokens and 3.3 times behind none, and those who come after a crowd are alone.
 */
const TOO_DEEP = { factor: 2, more: 256 }
/**
 * Guess for sizes that were never measured: b rows cost b^0.5 of one. Kernels with a path for several rows do about that
 * (2: 1.3, 4: 1.9, 8: 2.9, 16: 4.5). It is rather too low, so that a size is tried, and a step later its cost is known.
 */
const GUESSED_EXPONENT = 0.5

export interface StepCosts {
  /** A step begins whose rows have so many tokens behind each. */
  begin(depth: number): void
  /** Of the step that began last. */
  record(rows: number, durationMs: number): void
  /** Expected duration of a step, milliseconds; 0 as long as nothing was measured. */
  ms(rows: number): number
}

interface Known {
  ms: number
  samples: number
  outliers: number
  /** Number and depth of the step that measured it last. */
  step: number
  depth: number
}

export function createStepCosts(): StepCosts {
  const known = new Map<number, Known>()
  let step = 0
  let depth = 0

  const estimate = (rows: number): number => {
    const exact = known.get(rows)
    if (exact !== undefined) return exact.ms
    let below: number | null = null
    let above: number | null = null
    for (const size of known.keys()) {
      if (size < rows && (below === null || size > below)) below = size
      if (size > rows && (above === null || size < above)) above = size
    }
    const msOf = (size: number) => known.get(size)?.ms ?? 0
    if (below !== null && above !== null) {
      const part = Math.log(rows / below) / Math.log(above / below)
      return msOf(below) ** (1 - part) * msOf(above) ** part
    }
    const nearest = below ?? above
    return nearest === null ? 0 : msOf(nearest) * (rows / nearest) ** GUESSED_EXPONENT
  }

  return {
    ms: estimate,
    begin: (tokensBehind) => {
      depth = tokensBehind
      for (const [size, { depth: behind }] of known)
        if (behind > TOO_DEEP.factor * depth + TOO_DEEP.more) known.delete(size)
    },
    record: (rows, durationMs) => {
      if (rows < 1 || !(durationMs > 0)) return
      step += 1
      const expected = estimate(rows)
      const entry = known.get(rows) ?? { ms: 0, samples: 0, outliers: 0, step, depth }
      known.set(rows, entry)
      entry.step = step
      entry.depth = depth
      entry.outliers = expected > 0 && durationMs > OUTLIER * expected ? entry.outliers + 1 : 0
      if (expected === 0 || entry.outliers >= BELIEVED_AFTER) {
        entry.ms = durationMs
        entry.samples = 1
        entry.outliers = 0
      } else if (entry.outliers > 0) {
        entry.ms = expected
      } else {
        // What was expected counts like two samples: a first step that was disturbed must not keep its size from being tried again.
        entry.samples += 1
        const weight = Math.max(WEIGHT, 1 / (entry.samples + 2))
        entry.ms = expected + weight * (durationMs - expected)
      }
      for (const [size, { step: measured }] of known)
        if (step - measured > FORGOTTEN_AFTER) known.delete(size)
    },
  }
}

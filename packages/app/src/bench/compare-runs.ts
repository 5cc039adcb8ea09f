// A run against the one before: what changed by more than the noise of both.
import type { BenchChange, BenchFigureName, BenchReport, BenchVerdict, Spread } from "@fireside/protocol"

/** Where less is better. The longest gap is left out: one hiccup of the system makes it. */
const TIMES: readonly BenchFigureName[] = [
  "coldStartMs",
  "shortTtftMs",
  "longTtftMs",
  "reuseTtftMs",
  "gapMedianMs",
  "gapP95Ms",
]
const RATES: readonly BenchFigureName[] = [
  "prefillTokensPerSecond",
  "decodeTokensPerSecond",
  "crowdTokensPerSecond",
  "kernelPrefillTokensPerSecond",
  "kernelDecodeTokensPerSecond",
]

const NOTABLE = 0.05

type Run = Pick<BenchReport, "figures" | "memory">

export function compareRuns(run: Run, previous: Run): readonly BenchChange[] {
  const changeOf = (name: BenchFigureName, lessIsBetter: boolean): BenchChange[] => {
    const [now, before] = [run.figures[name], previous.figures[name]]
    if (now === null || before === null || before.median <= 0) return []
    return [{ name, ratio: now.median / before.median, verdict: verdictOf(now, before, lessIsBetter) }]
  }
  return [
    ...TIMES.flatMap((name) => changeOf(name, true)),
    ...RATES.flatMap((name) => changeOf(name, false)),
    ...memoryChange(run, previous),
  ]
}

function verdictOf(now: Spread, before: Spread, lessIsBetter: boolean): BenchVerdict {
  const ratio = now.median / before.median
  if (Math.abs(ratio - 1) <= NOTABLE) return "same"
  const isLess = ratio < 1
  const isOutside = isLess ? now.max < before.min : now.min > before.max
  if (!isOutside) return "same"
  return isLess === lessIsBetter ? "better" : "worse"
}

/** Measured once a run: it has no spread, so that only the size of the change counts. */
function memoryChange(run: Run, previous: Run): BenchChange[] {
  const now = run.memory.proportionalBytes ?? run.memory.residentBytes
  const before = previous.memory.proportionalBytes ?? previous.memory.residentBytes
  if (now === null || before === null || before <= 0) return []
  const ratio = now / before
  const verdict = Math.abs(ratio - 1) <= NOTABLE ? "same" : ratio < 1 ? "better" : "worse"
  return [{ name: "memoryBytes", ratio, verdict }]
}

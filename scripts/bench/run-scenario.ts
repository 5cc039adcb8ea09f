// Runs a prepared scenario in rounds and compares. Knows nothing of models.
import type { Comparison, PreparedScenario, Scenario } from "./scenario.ts"
import { meets, ratios, type Summary, summarise } from "./statistics.ts"

export interface MeasuredContestant {
  readonly name: string
  readonly description: string
  /** Metric → one value a round. */
  readonly metrics: Readonly<Record<string, readonly number[]>>
}

export interface ComparisonResult extends Comparison {
  readonly subjectSummary: Summary
  readonly againstSummary: Summary
  readonly ratio: Summary
  /** Undefined without a goal. */
  readonly met: boolean | undefined
}

export interface ScenarioResult {
  readonly id: string
  readonly title: string
  readonly rounds: number
  readonly seconds: number
  /** Processors that other programs used, right before each measurement. */
  readonly foreignUse: Summary
  readonly contestants: readonly MeasuredContestant[]
  readonly comparisons: readonly ComparisonResult[]
  readonly remarks: readonly string[]
}

export interface RunOptions {
  readonly scenario: Pick<Scenario, "id" | "title">
  readonly rounds: number
  readonly now: () => number
  readonly note: (text: string) => void
  /** Processors in use while nothing of ours runs. */
  readonly foreignUse: () => Promise<number>
}

/** A contestant that fails ends the scenario: half a comparison is none. */
export async function runScenario(
  prepared: PreparedScenario,
  options: RunOptions,
  signal: AbortSignal,
): Promise<ScenarioResult> {
  const startedAt = options.now()
  const foreign: number[] = []
  const metrics = prepared.contestants.map(() => new Map<string, number[]>())
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, contestant] of prepared.contestants.entries()) {
      signal.throwIfAborted()
      foreign.push(await quiet(options.foreignUse))
      const measured = await contestant.measure(signal)
      for (const [metric, value] of Object.entries(measured)) {
        if (!Number.isFinite(value)) throw new Error(`${contestant.name} measured no number for ${metric}`)
        const values = metrics[index]?.get(metric) ?? []
        values.push(value)
        metrics[index]?.set(metric, values)
      }
      const shown = Object.entries(measured).map(([metric, value]) => `${metric} ${round2(value)}`)
      options.note(
        `${options.scenario.id} ${round + 1}/${options.rounds} ${contestant.name}: ${shown.join(", ")}`,
      )
    }
  }
  const contestants = prepared.contestants.map(({ name, description }, index) => ({
    name,
    description,
    metrics: Object.fromEntries(metrics[index] ?? []),
  }))
  return {
    id: options.scenario.id,
    title: options.scenario.title,
    rounds: options.rounds,
    seconds: (options.now() - startedAt) / 1_000,
    foreignUse: summarise(foreign),
    contestants,
    comparisons: prepared.comparisons.map((comparison) => compare(comparison, contestants)),
    remarks: prepared.remarks ?? [],
  }
}

/** What spins on after its last token has rested by then; what is still busy is another program. */
const LOOKS = 20
const QUIET_PROCESSORS = 0.1

/**
 * Waits until nothing computes, as far as it comes to that, and returns how many processors are in use then. The peer's threads spin for a
 * while after an answer: whoever is measured next would share the processors with them.
 */
async function quiet(foreignUse: () => Promise<number>): Promise<number> {
  let use = await foreignUse()
  for (let looks = 1; looks < LOOKS && use > QUIET_PROCESSORS; looks++) use = await foreignUse()
  return use
}

function compare(comparison: Comparison, contestants: readonly MeasuredContestant[]): ComparisonResult {
  const subject = valuesOf(comparison.subject, comparison.metric, contestants)
  const against = valuesOf(comparison.against, comparison.metric, contestants)
  const ratio = summarise(ratios(subject, against))
  return {
    ...comparison,
    subjectSummary: summarise(subject),
    againstSummary: summarise(against),
    ratio,
    met: comparison.goal === undefined ? undefined : meets(ratio.median, comparison.goal, comparison.better),
  }
}

function valuesOf(
  name: string,
  metric: string,
  contestants: readonly MeasuredContestant[],
): readonly number[] {
  const values = contestants.find((contestant) => contestant.name === name)?.metrics[metric]
  if (values === undefined) throw new Error(`${name} measured no ${metric}`)
  return values
}

function round2(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}

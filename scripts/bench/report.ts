// The figures as a terminal table and as a page. Pure: strings in, strings out.
import type { MachineFacts } from "./machine-facts.ts"
import type { ComparisonResult, ScenarioResult } from "./run-scenario.ts"
import type { Summary } from "./statistics.ts"

export interface BenchReport {
  /** ISO time of the start. */
  readonly startedAt: string
  readonly command: string
  readonly quick: boolean
  readonly model: { readonly name: string; readonly sizeBytes: number; readonly sha256: string }
  readonly machine: MachineFacts
  readonly peer: { readonly name: string; readonly version: string; readonly build: string }
  readonly scenarios: readonly ScenarioResult[]
  /** Scenarios that could not run, with the reason. */
  readonly missing: readonly { readonly id: string; readonly reason: string }[]
}

const HEADINGS = ["scenario", "what", "measured", "against", "ratio (min–max)", "goal", ""] as const

/** Aligned columns for the terminal. */
export function toTable(report: BenchReport): string {
  const rows = [HEADINGS as readonly string[], ...rowsOf(report)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

/** The page under `docs/benchmarks/`. Holds no path and no host name. */
export function toMarkdown(report: BenchReport): string {
  const { machine } = report
  const lines = [
    `# Measured on ${report.startedAt.slice(0, 10)}`,
    "",
    report.quick ? "**A quick run: it shows that the program works. Not for quoting.**\n" : "",
    `Command: \`${report.command}\`. Ratios are medians over rounds in which the contestants took turns (A B A B), with minimum and maximum.`,
    "",
    `- Machine: ${machine.cpuModel}, ${machine.usableCpus} processors for ${machine.physicalCores} cores, ${machine.memoryGib} GiB, ${machine.platform} ${machine.arch}`,
    `- Load before the start: ${machine.loadBefore.toFixed(2)}${isBusy(report) ? ". **Other programs were running: do not quote**" : ""}`,
    `- Fireside ${machine.version} (${machine.commit}), Node ${machine.nodeVersion}, llama.cpp ${machine.libraryVersion} prebuilt`,
    `- Peer: ${report.peer.name} ${report.peer.version}, ${report.peer.build}`,
    `- Model: ${report.model.name}, ${report.model.sizeBytes} bytes, sha256 ${report.model.sha256}`,
    "",
    "| scenario | what | measured | against | ratio (min–max) | goal | |",
    "|---|---|---|---|---|---|---|",
    ...rowsOf(report).map((row) => `| ${row.map(escapeCell).join(" | ")} |`),
    "",
    ...slowerThanPeer(report),
    ...report.scenarios.flatMap(describeScenario),
    ...report.missing.map(({ id, reason }) => `**${id} did not run:** ${reason}\n`),
  ]
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`
}

/** Other programs on a fifth of a processor, in the middle of the measurements, already move the figures. */
const BUSY_PROCESSORS = 0.2

/** Were the figures disturbed by other programs? */
export function isBusy(report: BenchReport): boolean {
  return report.scenarios.some((scenario) => scenario.foreignUse.median > BUSY_PROCESSORS)
}

function rowsOf(report: BenchReport): string[][] {
  return [
    ...report.scenarios.flatMap((scenario) =>
      scenario.comparisons.map((comparison) => [scenario.id, ...rowOf(comparison)]),
    ),
    ...report.missing.map(({ id }) => [id, "did not run", "", "", "", "", "missing"]),
  ]
}

function rowOf(comparison: ComparisonResult): string[] {
  const { unit, better, goal, met } = comparison
  return [
    `${comparison.title}: ${comparison.subject} / ${comparison.against}`,
    `${number(comparison.subjectSummary.median)} ${unit}`,
    `${number(comparison.againstSummary.median)} ${unit}`,
    range(comparison.ratio),
    goal === undefined ? "" : `${better === "higher" ? "≥" : "≤"} ${goal}`,
    met === undefined ? "" : met ? "met" : "MISSED",
  ]
}

/** No row may be slower than this part of the peer, whatever its goal is. */
const FLOOR = 0.97

function slowerThanPeer(report: BenchReport): string[] {
  const slower = report.scenarios.flatMap((scenario) =>
    scenario.comparisons.filter(isSlower).map((comparison) => {
      const { title, against, ratio } = comparison
      return `- ${scenario.id}, ${title}: ${number(ratio.median)} of ${against}`
    }),
  )
  if (slower.length === 0) return []
  return [`Rows in which Fireside is slower than ${FLOOR} of the peer:`, "", ...slower, ""]
}

function isSlower({ subject, against, better, ratio }: ComparisonResult): boolean {
  if (!subject.startsWith("fireside") || !against.startsWith("llama")) return false
  return better === "higher" ? ratio.median < FLOOR : ratio.median > 1 / FLOOR
}

function describeScenario(scenario: ScenarioResult): string[] {
  return [
    `## ${scenario.id}: ${scenario.title}`,
    "",
    `${scenario.rounds} rounds, ${Math.round(scenario.seconds)} s. Other programs used ${number(scenario.foreignUse.median)} processors (median; at most ${number(scenario.foreignUse.maximum)}) right before the measurements.`,
    "",
    ...scenario.contestants.flatMap((contestant) => [
      `- **${contestant.name}**: ${contestant.description}`,
      ...Object.entries(contestant.metrics).map(
        ([metric, values]) => `  - ${metric}: ${values.map(number).join(", ")}`,
      ),
    ]),
    "",
    ...heldBack(scenario),
    ...scenario.remarks.flatMap((remark) => [remark, ""]),
  ]
}

/** The same reason for several rows stands once. */
function heldBack({ comparisons }: ScenarioResult): string[] {
  const reasons = new Map<string, string[]>()
  for (const { met, heldBack: reason, title, against } of comparisons) {
    if (met !== false || reason === undefined) continue
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${title} / ${against}`])
  }
  return [...reasons].flatMap(([reason, rows]) => [`Missed (${rows.join("; ")}): ${reason}`, ""])
}

function range(summary: Summary): string {
  return `${number(summary.median)} (${number(summary.minimum)}–${number(summary.maximum)})`
}

function number(value: number): string {
  if (value === 0) return "0"
  if (value >= 1_000) return value.toFixed(0)
  return value >= 100 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toPrecision(2)
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|")
}

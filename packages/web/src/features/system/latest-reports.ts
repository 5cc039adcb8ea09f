// Of everything that was measured, what is worth showing: the newest report of each model.
import type { BenchFigureName, BenchReport, BenchVerdict } from "@fireside/protocol"

/** One report for each model, the newest first. A full measurement wins over a quick one of the same weights, however old. */
export function latestReports(reports: readonly BenchReport[]): readonly BenchReport[] {
  const best = new Map<string, BenchReport>()
  const newestFirst = [...reports].sort((one, other) => Date.parse(other.at) - Date.parse(one.at))
  for (const report of newestFirst) {
    const key = `${report.model} ${report.digest}`
    const known = best.get(key)
    if (known === undefined || (known.isQuick && !report.isQuick)) best.set(key, report)
  }
  const ofModel = new Map<string, BenchReport>()
  for (const report of [...best.values()].sort((one, other) => Date.parse(other.at) - Date.parse(one.at)))
    if (!ofModel.has(report.model)) ofModel.set(report.model, report)
  return [...ofModel.values()]
}

/** How a figure changed since the measurement before; undefined: there was none, or nothing to say. */
export function changeOf(
  { previous }: BenchReport,
  name: BenchFigureName,
): Exclude<BenchVerdict, "same"> | undefined {
  const verdict = previous?.changes.find((change) => change.name === name)?.verdict
  return verdict === "same" ? undefined : verdict
}

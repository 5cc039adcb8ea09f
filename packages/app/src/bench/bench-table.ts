// Runs in the table `bench_run`, each as it was reported.
import type { Database } from "@fireside/host"
import { BENCH_LIMITS, BenchReport } from "@fireside/protocol"

export interface BenchTable {
  /** The oldest go beyond `kept`, `BENCH_LIMITS.runs` by default. */
  add(report: BenchReport): void
  /** Newest first; of one file, or of all. A row that this version cannot read is left out. */
  list(digest?: string): readonly BenchReport[]
}

export function createBenchTable(
  database: Database,
  { kept = BENCH_LIMITS.runs }: { readonly kept?: number } = {},
): BenchTable {
  return {
    add(report) {
      const machine = machineKey(report.machine)
      database.transaction(() => {
        database.run(
          "INSERT INTO bench_run (id, at, model, digest, machine, report) VALUES (?, ?, ?, ?, ?, ?)",
          ...[report.id, report.at, report.model, report.digest, machine, JSON.stringify(report)],
        )
        database.run(
          "DELETE FROM bench_run WHERE seq NOT IN (SELECT seq FROM bench_run ORDER BY seq DESC LIMIT ?)",
          kept,
        )
      })
    },
    list(digest) {
      const rows =
        digest === undefined
          ? database.all<{ report: string }>("SELECT report FROM bench_run ORDER BY seq DESC")
          : database.all<{ report: string }>(
              "SELECT report FROM bench_run WHERE digest = ? ORDER BY seq DESC",
              digest,
            )
      return rows.flatMap(({ report }) => {
        const read = BenchReport.safeParse(JSON.parse(report))
        return read.success ? [read.data] : []
      })
    },
  }
}

/** Runs are compared on the same hardware only: a data folder can move. */
export const machineKey = ({ cpuModel, usableCpus, processor }: BenchReport["machine"]): string =>
  `${cpuModel} × ${usableCpus}, ${processor}`

// What `fireside bench` measured, each run as it was reported. Rows are added, never changed.
import type { Migration } from "../migration.ts"

export const benchRun: Migration = {
  name: "0008-bench-run",
  statements: [
    `CREATE TABLE bench_run (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      at TEXT NOT NULL,
      model TEXT NOT NULL,
      digest TEXT NOT NULL,
      machine TEXT NOT NULL,
      report TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX bench_run_by_digest ON bench_run (digest, seq)",
  ],
}

// Long work as rows with an event log.
import type { Migration } from "../migration.ts"

export const job: Migration = {
  name: "0003-job",
  statements: [
    `CREATE TABLE job (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
      done_bytes INTEGER NOT NULL DEFAULT 0,
      total_bytes INTEGER NOT NULL DEFAULT 0,
      error TEXT,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX job_by_creation ON job (created_at)",
    `CREATE TABLE job_event (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      at TEXT NOT NULL,
      event TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX job_event_by_job ON job_event (job_id, seq)",
  ],
}

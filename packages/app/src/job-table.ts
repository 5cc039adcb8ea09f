// Jobs in the tables `job` and `job_event` of the data folder's database.
import { randomUUID } from "node:crypto"
import type { Clock, Database } from "@fireside/host"
import type { ErrorBody, Job, JobEvent, JobKind, JobState } from "@fireside/protocol"
import type { JobStore } from "./jobs.ts"

export interface JobTableOptions {
  readonly database: Database
  readonly clock: Clock
  /** Older rows go when a new job begins: the log is for looking back, not for ever. Defaults to 500. */
  readonly kept?: number
}

interface JobRow {
  readonly id: string
  readonly kind: JobKind
  readonly subject: string
  readonly state: JobState
  readonly done_bytes: number
  readonly total_bytes: number
  readonly error: string | null
  readonly created_at: string
  readonly updated_at: string
}

export function createJobTable({ database, clock, kept = 500 }: JobTableOptions): JobStore {
  const timestamp = (): string => new Date(clock.now()).toISOString()
  return {
    async begin(kind, subject) {
      const id = randomUUID()
      const at = timestamp()
      database.transaction(() => {
        database.run(
          "INSERT INTO job (id, kind, subject, state, created_at, updated_at) VALUES (?, ?, ?, 'running', ?, ?)",
          ...[id, kind, subject, at, at],
        )
        database.run(
          "DELETE FROM job WHERE id NOT IN (SELECT id FROM job ORDER BY created_at DESC, rowid DESC LIMIT ?)",
          kept,
        )
      })
      return id
    },
    async update(id, { state, doneBytes, totalBytes, error }) {
      database.run(
        `UPDATE job SET state = coalesce(?, state), done_bytes = coalesce(?, done_bytes),
           total_bytes = coalesce(?, total_bytes), error = coalesce(?, error), updated_at = ? WHERE id = ?`,
        ...[state ?? null, doneBytes ?? null, totalBytes ?? null],
        ...[error === undefined ? null : JSON.stringify(error), timestamp(), id],
      )
    },
    async append(id, event) {
      const line = JSON.stringify(event)
      database.run("INSERT INTO job_event (job_id, at, event) VALUES (?, ?, ?)", id, timestamp(), line)
    },
    async events(id) {
      const rows = database.all<{ event: string }>(
        "SELECT event FROM job_event WHERE job_id = ? ORDER BY seq",
        id,
      )
      // Written by `append` alone.
      return rows.map((row) => JSON.parse(row.event) as JobEvent)
    },
    async list() {
      return database.all<JobRow>("SELECT * FROM job ORDER BY created_at DESC, rowid DESC").map(toJob)
    },
  }
}

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    state: row.state,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    doneBytes: row.done_bytes,
    totalBytes: row.total_bytes,
    // Written by `update` alone.
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorBody),
  }
}

// Jobs in the tables `job` and `job_event` of the data folder's database.
import { randomUUID } from "node:crypto"
import { type Clock, type Database, processIdentity } from "@fireside/host"
import type { ErrorBody, Job, JobEvent, JobKind, JobState } from "@fireside/protocol"
import type { JobStore } from "./jobs.ts"

export interface JobTableOptions {
  readonly database: Database
  readonly clock: Clock
  /** Older rows go when a new job begins: the log is for looking back, not for ever. Defaults to 500. */
  readonly kept?: number
  /** The process that the new jobs belong to. Defaults to this one. */
  readonly pid?: number
  /** Tells whether the process that had a number is still there. Defaults to asking the system. */
  readonly identify?: (pid: number) => string | undefined
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
  /** Null in rows of older versions. */
  readonly owner_pid: number | null
  readonly owner_identity: string | null
}

export function createJobTable({
  database,
  clock,
  kept = 500,
  pid = process.pid,
  identify = processIdentity,
}: JobTableOptions): JobStore {
  const identity = identify(pid) ?? null
  const timestamp = (): string => new Date(clock.now()).toISOString()
  /** The row of a process that died says `running` for ever; nobody is there to correct it. */
  const shown = (row: JobRow): Job => {
    const job = toJob(row)
    if (job.state !== "running") return job
    const { owner_pid: owner, owner_identity: known } = row
    if (owner !== null && known !== null && identify(owner) === known) return job
    return { ...job, state: "failed", error: INTERRUPTED }
  }
  return {
    async begin(kind, subject) {
      const id = randomUUID()
      const at = timestamp()
      database.transaction(() => {
        database.run(
          `INSERT INTO job (id, kind, subject, state, created_at, updated_at, owner_pid, owner_identity)
             VALUES (?, ?, ?, 'running', ?, ?, ?, ?)`,
          ...[id, kind, subject, at, at, pid, identity],
        )
        database.run(
          "DELETE FROM job WHERE id NOT IN (SELECT id FROM job ORDER BY created_at DESC, rowid DESC LIMIT ?)",
          kept,
        )
      })
      return id
    },
    async update(id, { state, doneBytes, totalBytes, error }) {
      const row = database.get<{ cancel_requested: number }>(
        `UPDATE job SET state = coalesce(?, state), done_bytes = coalesce(?, done_bytes),
           total_bytes = coalesce(?, total_bytes), error = coalesce(?, error), updated_at = ? WHERE id = ?
           RETURNING cancel_requested`,
        ...[state ?? null, doneBytes ?? null, totalBytes ?? null],
        ...[error === undefined ? null : JSON.stringify(error), timestamp(), id],
      )
      return { cancelRequested: row?.cancel_requested === 1 }
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
    async find(id) {
      const row = database.get<JobRow>("SELECT * FROM job WHERE id = ?", id)
      return row === undefined ? undefined : shown(row)
    },
    async list() {
      return database.all<JobRow>("SELECT * FROM job ORDER BY created_at DESC, rowid DESC").map(shown)
    },
    async requestCancel(id) {
      database.run("UPDATE job SET cancel_requested = 1 WHERE id = ? AND state = 'running'", id)
    },
  }
}

const INTERRUPTED: ErrorBody = {
  code: "interrupted",
  message: "The process that worked on it ended before it was done.",
  hint: "A pull goes on where it stopped when it is resumed or begun again.",
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

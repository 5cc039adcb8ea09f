// Which process works on a job, and whether another one asked it to stop. Rows from before have no owner.
import type { Migration } from "../migration.ts"

export const jobOwner: Migration = {
  name: "0007-job-owner",
  statements: [
    "ALTER TABLE job ADD COLUMN owner_pid INTEGER",
    "ALTER TABLE job ADD COLUMN owner_identity TEXT",
    "ALTER TABLE job ADD COLUMN cancel_requested INTEGER NOT NULL DEFAULT 0",
  ],
}

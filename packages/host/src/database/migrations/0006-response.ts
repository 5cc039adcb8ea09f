// Answers of the stateful API, each with the conversation that it ends.
import type { Migration } from "../migration.ts"

export const response: Migration = {
  name: "0006-response",
  statements: [
    `CREATE TABLE response (
      id TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      previous_id TEXT,
      created_at TEXT NOT NULL,
      messages TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX response_by_owner ON response (owner, created_at)",
  ],
}

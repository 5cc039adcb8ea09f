// The egress ledger and the lock.
import type { Migration } from "../migration.ts"

export const privacy: Migration = {
  name: "0001-privacy",
  statements: [
    // AUTOINCREMENT keeps the highest number ever given, so entries cut off the end are noticed.
    `CREATE TABLE ledger (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      at TEXT NOT NULL,
      reason TEXT NOT NULL,
      feature TEXT NOT NULL,
      host TEXT NOT NULL,
      address TEXT NOT NULL,
      port INTEGER NOT NULL,
      content_class TEXT NOT NULL,
      verdict TEXT NOT NULL CHECK (verdict IN ('sent', 'blocked')),
      lock TEXT NOT NULL,
      detail TEXT NOT NULL,
      completion_hash TEXT NOT NULL,
      previous_hash TEXT NOT NULL,
      hash TEXT NOT NULL
    ) STRICT`,
    // How a connection ended. A second chain, whose newest hash each entry of the first one carries.
    `CREATE TABLE ledger_completion (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      entry_seq INTEGER NOT NULL UNIQUE REFERENCES ledger (seq),
      entry_hash TEXT NOT NULL,
      at TEXT NOT NULL,
      bytes_out INTEGER NOT NULL,
      bytes_in INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      previous_hash TEXT NOT NULL,
      hash TEXT NOT NULL
    ) STRICT`,
    `CREATE TABLE privacy_state (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      lock TEXT NOT NULL CHECK (lock IN ('locked', 'ask', 'allow-list')),
      changed_at TEXT NOT NULL
    ) STRICT`,
    `CREATE TABLE allowed_host (
      host TEXT PRIMARY KEY,
      added_at TEXT NOT NULL
    ) STRICT`,
  ],
}

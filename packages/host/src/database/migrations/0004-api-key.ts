// Keys of other programs and people: what each may do, and what it used. Only hashes of them.
import type { Migration } from "../migration.ts"

export const apiKey: Migration = {
  name: "0004-api-key",
  statements: [
    `CREATE TABLE api_key (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      prefix TEXT NOT NULL,
      hash TEXT NOT NULL UNIQUE,
      rules TEXT NOT NULL,
      created_at TEXT NOT NULL,
      last_used_at TEXT,
      revoked_at TEXT
    ) STRICT`,
    // A name is used once among the keys that are valid.
    "CREATE UNIQUE INDEX api_key_by_name ON api_key (name) WHERE revoked_at IS NULL",
    `CREATE TABLE key_usage (
      key_id TEXT NOT NULL REFERENCES api_key (id) ON DELETE CASCADE,
      day TEXT NOT NULL,
      tokens INTEGER NOT NULL,
      PRIMARY KEY (key_id, day)
    ) STRICT`,
  ],
}

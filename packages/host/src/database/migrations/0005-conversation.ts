// Stored conversations and their messages. Branches are messages with the same parent.
import type { Migration } from "../migration.ts"

export const conversation: Migration = {
  name: "0005-conversation",
  statements: [
    `CREATE TABLE conversation (
      id TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      title TEXT NOT NULL,
      model TEXT NOT NULL,
      system TEXT NOT NULL,
      sampling TEXT NOT NULL,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX conversation_by_change ON conversation (owner, updated_at)",
    // No cascade along `parent_id`: a long conversation would nest deeper than SQLite lets triggers go.
    `CREATE TABLE message (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      conversation_id TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
      parent_id TEXT REFERENCES message (id),
      message TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('complete', 'partial')),
      created_at TEXT NOT NULL,
      model TEXT,
      usage TEXT,
      timings TEXT
    ) STRICT`,
    "CREATE INDEX message_by_conversation ON message (conversation_id, seq)",
    // Each deleted message is looked for as a parent.
    "CREATE INDEX message_by_parent ON message (parent_id)",
  ],
}

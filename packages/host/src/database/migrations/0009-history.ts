// Conversations in order: pins, folders, tags, the trash; full-text search; and what changed, for those who follow.
import type { Migration } from "../migration.ts"

/** What is searched of a message. The same text must be given at its deletion, or the index keeps it. */
const textOf = (row: string): string => `coalesce(json_extract(${row}.message, '$.content'), '')`

export const history: Migration = {
  name: "0009-history",
  statements: [
    "ALTER TABLE conversation ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversation ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE conversation ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE conversation ADD COLUMN trashed_at TEXT",
    // A copy of the database may number the rows of a table without an integer key anew, and the index of titles names them.
    "ALTER TABLE conversation ADD COLUMN seq INTEGER",
    "UPDATE conversation SET seq = rowid",
    "CREATE UNIQUE INDEX conversation_by_seq ON conversation (seq)",
    "CREATE INDEX conversation_by_trash ON conversation (trashed_at) WHERE trashed_at IS NOT NULL",

    // Neither index keeps the texts: they are read where they are. Short beginnings of words are indexed, as a search is typed.
    `CREATE VIRTUAL TABLE conversation_search USING fts5 (title, content = 'conversation', content_rowid = 'seq',
      tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')`,
    `CREATE VIEW message_text AS SELECT seq, ${textOf("message")} AS text FROM message`,
    `CREATE VIRTUAL TABLE message_search USING fts5 (text, content = 'message_text', content_rowid = 'seq',
      tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')`,
    // Words of what is deleted go at once, in place of being marked.
    "INSERT INTO conversation_search (conversation_search, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO conversation_search (conversation_search) VALUES ('rebuild')",
    "INSERT INTO message_search (message_search) VALUES ('rebuild')",
    `CREATE TRIGGER conversation_search_insert AFTER INSERT ON conversation BEGIN
      INSERT INTO conversation_search (rowid, title) VALUES (new.seq, new.title);
    END`,
    `CREATE TRIGGER conversation_search_update AFTER UPDATE OF title ON conversation WHEN old.title <> new.title BEGIN
      INSERT INTO conversation_search (conversation_search, rowid, title) VALUES ('delete', old.seq, old.title);
      INSERT INTO conversation_search (rowid, title) VALUES (new.seq, new.title);
    END`,
    `CREATE TRIGGER conversation_search_delete AFTER DELETE ON conversation BEGIN
      INSERT INTO conversation_search (conversation_search, rowid, title) VALUES ('delete', old.seq, old.title);
    END`,
    `CREATE TRIGGER message_search_insert AFTER INSERT ON message BEGIN
      INSERT INTO message_search (rowid, text) VALUES (new.seq, ${textOf("new")});
    END`,
    `CREATE TRIGGER message_search_delete AFTER DELETE ON message BEGIN
      INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.seq, ${textOf("old")});
    END`,

    // One row for each conversation: its last change. AUTOINCREMENT, so that a number is never given twice.
    `CREATE TABLE conversation_change (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      conversation_id TEXT NOT NULL UNIQUE,
      owner TEXT NOT NULL,
      type TEXT NOT NULL CHECK (type IN ('changed', 'removed')),
      updated_at TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX conversation_change_by_type ON conversation_change (type, seq)",
    `CREATE TRIGGER conversation_change_insert AFTER INSERT ON conversation BEGIN
      INSERT OR REPLACE INTO conversation_change (conversation_id, owner, type, updated_at)
        VALUES (new.id, new.owner, 'changed', new.updated_at);
    END`,
    `CREATE TRIGGER conversation_change_update AFTER UPDATE ON conversation BEGIN
      INSERT OR REPLACE INTO conversation_change (conversation_id, owner, type, updated_at)
        VALUES (new.id, new.owner, 'changed', new.updated_at);
    END`,
    `CREATE TRIGGER conversation_change_delete AFTER DELETE ON conversation BEGIN
      INSERT OR REPLACE INTO conversation_change (conversation_id, owner, type, updated_at)
        VALUES (old.id, old.owner, 'removed', old.updated_at);
    END`,
  ],
}

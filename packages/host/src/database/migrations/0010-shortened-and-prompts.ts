// From where on a conversation goes to the model, and with how much context; texts that are used again and again.
import type { Migration } from "../migration.ts"

export const shortenedAndPrompts: Migration = {
  name: "0010-shortened-and-prompts",
  statements: [
    "ALTER TABLE conversation ADD COLUMN shortened TEXT",
    "ALTER TABLE conversation ADD COLUMN context_length INTEGER",
    `CREATE TABLE prompt (
      id TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      name TEXT NOT NULL COLLATE NOCASE,
      text TEXT NOT NULL,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT`,
    "CREATE UNIQUE INDEX prompt_by_name ON prompt (owner, name)",
  ],
}

// Prompts in the table `prompt`.
import { randomUUID } from "node:crypto"
import type { Database } from "@fireside/host"
import { AppError, PROMPT_LIMITS, type StoredPrompt } from "@fireside/protocol"
import type { Parts } from "../parts.ts"
import type { Prompts } from "./prompts.ts"

interface PromptRow {
  readonly id: string
  readonly name: string
  readonly text: string
  readonly created_at: string
  readonly updated_at: string
}

export function createPrompts(
  parts: Pick<Parts, "database" | "hasDatabase" | "prepareHome" | "clock">,
): Prompts {
  const now = (): string => new Date(parts.clock.now()).toISOString()
  /** Opening the database makes it: a look at what cannot be there does not. */
  const existing = async (): Promise<Database | undefined> =>
    (await parts.hasDatabase()) ? await parts.database() : undefined

  return {
    async list(owner) {
      const database = await existing()
      const rows = database?.all<PromptRow>("SELECT * FROM prompt WHERE owner = ? ORDER BY name", owner) ?? []
      return rows.map(toPrompt)
    },
    async create({ name, text }, owner) {
      await parts.prepareHome()
      const database = await parts.database()
      const at = now()
      const prompt: StoredPrompt = { id: randomUUID(), name, text, createdAt: at, updatedAt: at }
      database.transaction(() => {
        refuseFull(database, owner)
        refuseTaken(database, prompt, owner)
        database.run(
          "INSERT INTO prompt (id, owner, name, text, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
          ...[prompt.id, owner, name, text, at, at],
        )
      })
      return prompt
    },
    async change(id, change, owner) {
      const database = await existing()
      if (database === undefined) throw unknownPrompt(id)
      return database.transaction(() => {
        const row = database.get<PromptRow>("SELECT * FROM prompt WHERE id = ? AND owner = ?", id, owner)
        if (row === undefined) throw unknownPrompt(id)
        const before = toPrompt(row)
        const { name = before.name, text = before.text } = change
        const changed = { ...before, name, text, updatedAt: now() }
        refuseTaken(database, changed, owner)
        database.run(
          "UPDATE prompt SET name = ?, text = ?, updated_at = ? WHERE id = ?",
          ...[name, text, changed.updatedAt, id],
        )
        return changed
      })
    },
    async remove(id, owner) {
      const database = await existing()
      const removed = database?.run("DELETE FROM prompt WHERE id = ? AND owner = ?", id, owner)
      if (removed === undefined || removed.changes === 0) throw unknownPrompt(id)
      // SQLite overwrites what is deleted in the file only; the text is still in the log beside it.
      database?.all("PRAGMA wal_checkpoint(TRUNCATE)")
    },
  }
}

function toPrompt(row: PromptRow): StoredPrompt {
  const { id, name, text } = row
  return { id, name, text, createdAt: row.created_at, updatedAt: row.updated_at }
}

function refuseFull(database: Database, owner: string): void {
  const { count = 0 } =
    database.get<{ readonly count: number }>("SELECT count(*) AS count FROM prompt WHERE owner = ?", owner) ??
    {}
  if (count < PROMPT_LIMITS.prompts) return
  throw new AppError("bad-request", {
    message: `There are ${count} prompts; at most ${PROMPT_LIMITS.prompts} are kept.`,
    hint: "Remove some first.",
    details: { prompts: count, limit: PROMPT_LIMITS.prompts },
  })
}

function refuseTaken(database: Database, { id, name }: StoredPrompt, owner: string): void {
  const sql = "SELECT 1 FROM prompt WHERE owner = ? AND name = ? AND id <> ?"
  if (database.get(sql, owner, name, id) === undefined) return
  throw new AppError("already-exists", {
    message: `There is a prompt ${JSON.stringify(name)} already.`,
    hint: "Choose another name, or change the one that there is.",
    details: { field: "name" },
  })
}

const unknownPrompt = (id: string): AppError =>
  new AppError("not-found", {
    message: `There is no prompt ${JSON.stringify(id.slice(0, 64))}.`,
    hint: "It may have been removed elsewhere.",
  })

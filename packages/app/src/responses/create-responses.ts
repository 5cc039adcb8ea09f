// Stored answers in the table `response`.
import type { Database } from "@fireside/host"
import { AppError, CONVERSATION_LIMITS, type Message } from "@fireside/protocol"
import type { Parts } from "../parts.ts"
import type { StoredResponse, StoredResponses } from "./stored-responses.ts"

interface ResponseRow {
  readonly id: string
  readonly previous_id: string | null
  readonly created_at: string
  readonly messages: string
  readonly body: string
}

export function createResponses(
  parts: Pick<Parts, "database" | "hasDatabase" | "prepareHome" | "clock">,
): StoredResponses {
  const { clock } = parts
  /** Responses from before this moment are not kept. */
  const oldest = (): string => new Date(clock.now() - CONVERSATION_LIMITS.responseAgeMs).toISOString()
  /** Opening the database makes it: a look at what cannot be there does not. */
  const existing = async (): Promise<Database | undefined> =>
    (await parts.hasDatabase()) ? await parts.database() : undefined

  return {
    async save({ id, previousId, messages, body }, owner) {
      await parts.prepareHome()
      const database = await parts.database()
      const createdAt = new Date(clock.now()).toISOString()
      database.transaction(() => {
        database.run(
          "INSERT INTO response (id, owner, previous_id, created_at, messages, body) VALUES (?, ?, ?, ?, ?, ?)",
          ...[id, owner, previousId, createdAt, JSON.stringify(messages), JSON.stringify(body ?? null)],
        )
        // What is old goes whoever it belongs to: an owner who never comes back would leave it there.
        database.run("DELETE FROM response WHERE created_at < ?", oldest())
        database.run(
          `DELETE FROM response WHERE owner = ? AND id NOT IN
             (SELECT id FROM response WHERE owner = ? ORDER BY created_at DESC, rowid DESC LIMIT ?)`,
          ...[owner, owner, CONVERSATION_LIMITS.responses],
        )
      })
    },
    async get(id, owner) {
      const row = (await existing())?.get<ResponseRow>(
        "SELECT * FROM response WHERE id = ? AND owner = ? AND created_at >= ?",
        ...[id, owner, oldest()],
      )
      if (row === undefined) throw unknownResponse(id)
      return toResponse(row)
    },
    async remove(id, owner) {
      const database = await existing()
      const removed = database?.run("DELETE FROM response WHERE id = ? AND owner = ?", id, owner)
      if (removed === undefined || removed.changes === 0) throw unknownResponse(id)
      // SQLite overwrites what is deleted in the file only; the text is still in the log beside it.
      database?.all("PRAGMA wal_checkpoint(TRUNCATE)")
    },
  }
}

function toResponse(row: ResponseRow): StoredResponse {
  return {
    id: row.id,
    previousId: row.previous_id,
    createdAt: row.created_at,
    // Written by `save` alone.
    messages: JSON.parse(row.messages) as Message[],
    body: JSON.parse(row.body),
  }
}

const unknownResponse = (id: string): AppError =>
  new AppError("not-found", {
    message: `There is no response ${JSON.stringify(id)}.`,
    hint: "It was removed, is too old, or was made without being stored; send the whole conversation.",
  })

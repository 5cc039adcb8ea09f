// The way to a conversation for whoever works on stored ones: the database, if there is one, and the conversation, if it is the owner's.
import type { Database } from "@fireside/host"
import { AppError, type Conversation } from "@fireside/protocol"
import type { Parts } from "../parts.ts"
import { type ConversationTable, createConversationTable } from "./conversation-table.ts"

export type ConversationParts = Pick<Parts, "database" | "hasDatabase" | "prepareHome" | "clock">

export interface Opened {
  readonly database: Database
  readonly table: ConversationTable
}

/** For writing: makes the database. */
export async function openConversations(parts: ConversationParts): Promise<Opened> {
  await parts.prepareHome()
  const database = await parts.database()
  return { database, table: createConversationTable(database) }
}

/** For reading: undefined when there is no database yet. Opening it would make it. */
export async function lookAtConversations(parts: ConversationParts): Promise<Opened | undefined> {
  if (!(await parts.hasDatabase())) return undefined
  const database = await parts.database()
  return { database, table: createConversationTable(database) }
}

/** Throws `not-found` when there is no database, so no conversation. */
export async function openedFor(parts: ConversationParts, id: string): Promise<Opened> {
  const opened = await lookAtConversations(parts)
  if (opened === undefined) throw unknownConversation(id)
  return opened
}

/** Another owner's is as if it were not there. */
export function findOwn(table: ConversationTable, id: string, owner: string): Conversation {
  const found = table.find(id, owner)
  if (found === undefined) throw unknownConversation(id)
  return found
}

/** SQLite overwrites what is deleted in the file only; the text is still in the log beside it. */
export function clearLog(database: Database): void {
  database.all("PRAGMA wal_checkpoint(TRUNCATE)")
}

export const isoTime = (parts: ConversationParts): string => new Date(parts.clock.now()).toISOString()

const unknownConversation = (id: string): AppError =>
  new AppError("not-found", {
    message: `There is no conversation ${JSON.stringify(id)}.`,
    hint: "The list of conversations names them.",
  })

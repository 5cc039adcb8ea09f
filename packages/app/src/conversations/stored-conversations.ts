// Conversations in the database, with their rules: owners, branches, limits and titles. Asks no model.
import { randomUUID } from "node:crypto"
import type { Database } from "@fireside/host"
import {
  AppError,
  CONVERSATION_LIMITS,
  type Conversation,
  ConversationChange,
  type StoredMessage,
} from "@fireside/protocol"
import type { Parts } from "../parts.ts"
import { type ConversationTable, createConversationTable } from "./conversation-table.ts"
import type { Conversations, NewMessage } from "./conversations.ts"
import { defaultTitle } from "./default-title.ts"

export type ConversationParts = Pick<Parts, "database" | "hasDatabase" | "prepareHome" | "clock">

export interface Insertion extends NewMessage {
  /** Defaults to a new one. */
  readonly id?: string
  /** How many messages must find room after this one. Defaults to none. */
  readonly roomAfter?: number
}

export interface StoredConversations extends Omit<Conversations, "chat" | "append"> {
  append(id: string, message: Insertion, owner: string): Promise<StoredMessage>
  /**
   * The messages up to and with the one named; undefined names the newest. Throws `not-found`,
   * and `bad-request` when there is none (null) or it is no question.
   */
  question(id: string, messageId: string | null | undefined, owner: string): Promise<readonly StoredMessage[]>
}

const PAGE_SIZE = 50

export function createStoredConversations(parts: ConversationParts): StoredConversations {
  const now = (): string => new Date(parts.clock.now()).toISOString()
  const opened = async (id: string): Promise<Opened> => {
    // Opening the database makes it: a look at what cannot be there does not.
    if (!(await parts.hasDatabase())) throw unknownConversation(id)
    const database = await parts.database()
    return { database, table: createConversationTable(database) }
  }

  return {
    async list({ before, limit = PAGE_SIZE }, owner) {
      if (!Number.isInteger(limit) || limit < 1 || limit > CONVERSATION_LIMITS.pageSize)
        throw new AppError("bad-request", {
          message: `A page has 1 to ${CONVERSATION_LIMITS.pageSize} conversations, not ${limit}.`,
          details: { field: "limit" },
        })
      if (!(await parts.hasDatabase())) return []
      const table = createConversationTable(await parts.database())
      return table.list(owner, { limit, ...(before === undefined ? {} : { before: readMoment(before) }) })
    },
    async create(change, owner) {
      const { title = "", model = "", system = "", sampling = {} } = readChange(change)
      await parts.prepareHome()
      const table = createConversationTable(await parts.database())
      const at = now()
      const fields = { id: randomUUID(), title, model, system, sampling, createdAt: at, updatedAt: at }
      table.insert(fields, owner)
      return { ...fields, messageCount: 0 }
    },
    async get(id, owner) {
      return find(await opened(id), id, owner)
    },
    async change(id, change, owner) {
      const parsed = readChange(change)
      const open = await opened(id)
      return open.database.transaction(() => {
        const before = find(open, id, owner)
        const { title = before.title, model = before.model, system = before.system } = parsed
        const { sampling = before.sampling } = parsed
        const changed = { ...before, title, model, system, sampling, updatedAt: now() }
        open.table.update(withTitle(changed, open.table))
        return find(open, id, owner)
      })
    },
    async remove(id, owner) {
      const open = await opened(id)
      open.database.transaction(() => {
        find(open, id, owner)
        open.table.remove(id)
      })
      // SQLite overwrites what is deleted in the file only; the text is still in the log beside it.
      open.database.all("PRAGMA wal_checkpoint(TRUNCATE)")
    },
    async messages(id, owner) {
      const open = await opened(id)
      find(open, id, owner)
      return open.table.messages(id)
    },
    async append(id, insertion, owner) {
      refuseLarge("The message", JSON.stringify(insertion.message))
      const open = await opened(id)
      return open.database.transaction(() => {
        const conversation = find(open, id, owner)
        refuseFull(conversation, 1 + (insertion.roomAfter ?? 0))
        const stored: StoredMessage = {
          id: insertion.id ?? randomUUID(),
          conversationId: id,
          parentId: findParent(open.table, id, insertion.parentId),
          message: insertion.message,
          state: insertion.state ?? "complete",
          createdAt: now(),
          model: insertion.model ?? null,
          usage: insertion.usage ?? null,
          timings: insertion.timings ?? null,
        }
        open.table.insertMessage(stored)
        open.table.update(withTitle({ ...conversation, updatedAt: stored.createdAt }, open.table))
        return stored
      })
    },
    async question(id, messageId, owner) {
      const open = await opened(id)
      refuseFull(find(open, id, owner), 1)
      const parentId = findParent(open.table, id, messageId)
      const asked = parentId === null ? undefined : named(open.table, id, parentId)
      if (asked === undefined || (asked.message.role !== "user" && asked.message.role !== "tool"))
        throw new AppError("bad-request", {
          message: "There is no question to answer.",
          hint: "Send `content`, or name a message of the user in `parentId`.",
          details: { field: "content" },
        })
      return open.table.branch(asked.id)
    },
  }
}

interface Opened {
  readonly database: Database
  readonly table: ConversationTable
}

/** Another owner's is as if it were not there. */
function find({ table }: Opened, id: string, owner: string): Conversation {
  const found = table.find(id, owner)
  if (found === undefined) throw unknownConversation(id)
  return found
}

function findParent(
  table: ConversationTable,
  id: string,
  parentId: string | null | undefined,
): string | null {
  if (parentId === null) return null
  if (parentId === undefined) return table.newestMessage(id)?.id ?? null
  return named(table, id, parentId).id
}

function named(table: ConversationTable, id: string, messageId: string): StoredMessage {
  const found = table.findMessage(messageId, id)
  if (found !== undefined) return found
  throw new AppError("not-found", {
    message: `There is no message ${JSON.stringify(messageId)} in this conversation.`,
    details: { field: "parentId" },
  })
}

/** A conversation without a title gets one as soon as there is something to take it from. */
function withTitle(conversation: Conversation, table: ConversationTable): Conversation {
  if (conversation.title !== "") return conversation
  return {
    ...conversation,
    title: defaultTitle(table.firstUserMessage(conversation.id)?.message.content ?? ""),
  }
}

function readChange(change: ConversationChange): ConversationChange {
  const parsed = ConversationChange.safeParse(change)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.join(".") ?? ""
    throw new AppError("bad-request", {
      message: `The conversation's ${field || "description"} is not as expected: ${issue?.message ?? "unknown"}.`,
      details: { field },
    })
  }
  refuseLarge("The system text", parsed.data.system ?? "")
  return parsed.data
}

/** As the table writes moments: only those can be compared as texts. */
function readMoment(text: string): string {
  const moment = new Date(text)
  if (!Number.isNaN(moment.getTime())) return moment.toISOString()
  throw new AppError("bad-request", {
    message: `${JSON.stringify(text.slice(0, 64))} is no moment.`,
    hint: "Write it like 2026-01-31T12:00:00Z.",
    details: { field: "before" },
  })
}

function refuseLarge(what: string, text: string): void {
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes <= CONVERSATION_LIMITS.messageBytes) return
  throw new AppError("body-too-large", {
    message: `${what} has ${sizeBytes} bytes; at most ${CONVERSATION_LIMITS.messageBytes} are stored.`,
    hint: "Send less at once.",
    details: { sizeBytes, limitBytes: CONVERSATION_LIMITS.messageBytes },
  })
}

function refuseFull({ messageCount }: Conversation, room: number): void {
  if (messageCount + room <= CONVERSATION_LIMITS.messages) return
  throw new AppError("bad-request", {
    message: `The conversation has ${messageCount} messages; at most ${CONVERSATION_LIMITS.messages} are stored.`,
    hint: "Begin a new conversation.",
    details: { messages: messageCount, limit: CONVERSATION_LIMITS.messages },
  })
}

const unknownConversation = (id: string): AppError =>
  new AppError("not-found", {
    message: `There is no conversation ${JSON.stringify(id)}.`,
    hint: "The list of conversations names them.",
  })

// The tables `conversation` and `message`. Who owns what is asked here, so that no caller can forget it.
import type { Database } from "@fireside/host"
import type { Conversation, Message, StoredMessage, Timings, Usage } from "@fireside/protocol"
import { CONVERSATION_COLUMNS, type ConversationRow, toConversation } from "./conversation-row.ts"

interface MessageRow {
  readonly id: string
  readonly conversation_id: string
  readonly parent_id: string | null
  readonly message: string
  readonly state: StoredMessage["state"]
  readonly created_at: string
  readonly model: string | null
  readonly usage: string | null
  readonly timings: string | null
}

export type ConversationFields = Omit<Conversation, "messageCount">

export interface ConversationFilter {
  readonly limit: number
  readonly before?: string
  readonly beforeId?: string
  readonly folder?: string
  readonly tag?: string
  readonly pinned?: boolean
  readonly trash?: boolean
}

export interface LabelCount {
  readonly name: string
  readonly count: number
}

export interface ConversationTable {
  /** Newest change first. */
  list(owner: string, filter: ConversationFilter): readonly Conversation[]
  /** Oldest first, the one behind a number (0: the first) and its own number; those in the trash are left out. */
  next(
    owner: string,
    after: number,
  ): { readonly seq: number; readonly conversation: Conversation } | undefined
  find(id: string, owner: string): Conversation | undefined
  /** Whoever's it is. */
  ownerOf(id: string): string | undefined
  insert(conversation: ConversationFields, owner: string): void
  update(conversation: ConversationFields): void
  /** With its messages. */
  remove(id: string): void
  isTrashed(id: string): boolean
  /** What is told of removals: the last so many. */
  forgetRemovals(kept: number): void
  /** Of one owner, or everybody's that lay there before a moment. */
  trashed(what: { readonly owner: string } | { readonly before: string }): readonly string[]
  /** Folders in use, by name. */
  folders(owner: string): readonly LabelCount[]
  tags(owner: string): readonly LabelCount[]
  /** Oldest first. */
  messages(id: string): readonly StoredMessage[]
  hasMessage(messageId: string): boolean
  findMessage(id: string, conversationId: string): StoredMessage | undefined
  newestMessage(id: string): StoredMessage | undefined
  firstUserMessage(id: string): StoredMessage | undefined
  /** The first answer with a text to a message. */
  firstAnswer(messageId: string): StoredMessage | undefined
  /** From the first message to the one named. */
  branch(messageId: string): readonly StoredMessage[]
  insertMessage(message: StoredMessage): void
}

const CONVERSATION = `SELECT ${CONVERSATION_COLUMNS} FROM conversation`

const PAGE = `${CONVERSATION}
  WHERE owner = ? AND (trashed_at IS NOT NULL) = ? AND updated_at <= ?
    AND (? IS NULL OR updated_at < ? OR rowid < (SELECT rowid FROM conversation WHERE id = ?))
    AND (? IS NULL OR folder = ?) AND (? IS NULL OR pinned = ?)
    AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each(conversation.tags) WHERE value = ?))
  ORDER BY updated_at DESC, rowid DESC LIMIT ?`

/** After every moment that is written. */
const LATEST = "9999"

const BRANCH = `WITH RECURSIVE branch (seq, parent_id) AS (
    SELECT seq, parent_id FROM message WHERE id = ?
    UNION ALL SELECT message.seq, message.parent_id FROM message JOIN branch ON message.id = branch.parent_id
  ) SELECT message.* FROM branch JOIN message ON message.seq = branch.seq ORDER BY message.seq`

export function createConversationTable(database: Database): ConversationTable {
  const conversation = (row: ConversationRow | undefined): Conversation | undefined =>
    row === undefined ? undefined : toConversation(row)
  const message = (row: MessageRow | undefined): StoredMessage | undefined =>
    row === undefined ? undefined : toMessage(row)
  return {
    list(owner, { limit, before, beforeId, folder, tag, pinned, trash = false }) {
      const cut = before ?? null
      const isPinned = pinned === undefined ? null : Number(pinned)
      const rows = database.all<ConversationRow>(
        PAGE,
        ...[owner, Number(trash), before ?? LATEST, cut, cut, beforeId ?? null],
        ...[folder ?? null, folder ?? null, isPinned, isPinned, tag ?? null, tag ?? null, limit],
      )
      return rows.map(toConversation)
    },
    next(owner, after) {
      const row = database.get<ConversationRow & { readonly seq: number }>(
        `SELECT conversation.seq, ${CONVERSATION_COLUMNS} FROM conversation
         WHERE owner = ? AND trashed_at IS NULL AND seq > ? ORDER BY seq LIMIT 1`,
        ...[owner, after],
      )
      return row === undefined ? undefined : { seq: row.seq, conversation: toConversation(row) }
    },
    find: (id, owner) =>
      conversation(database.get<ConversationRow>(`${CONVERSATION} WHERE id = ? AND owner = ?`, id, owner)),
    ownerOf: (id) =>
      database.get<{ readonly owner: string }>("SELECT owner FROM conversation WHERE id = ?", id)?.owner,
    insert(fields, owner) {
      const { id, title, model, system, sampling, pinned, folder, tags, trashedAt } = fields
      database.run(
        `INSERT INTO conversation (id, owner, title, model, system, sampling, pinned, folder, tags, shortened,
             context_length, trashed_at, created_at, updated_at, seq)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM conversation))`,
        ...[id, owner, title, model, system, JSON.stringify(sampling)],
        ...[Number(pinned), folder, JSON.stringify(tags), toJson(fields.shortened), fields.contextLength],
        ...[trashedAt, fields.createdAt, fields.updatedAt],
      )
    },
    update(fields) {
      const { id, title, model, system, sampling, pinned, folder, tags, trashedAt, updatedAt } = fields
      database.run(
        `UPDATE conversation SET title = ?, model = ?, system = ?, sampling = ?, pinned = ?, folder = ?, tags = ?,
           shortened = ?, context_length = ?, trashed_at = ?, updated_at = ? WHERE id = ?`,
        ...[title, model, system, JSON.stringify(sampling), Number(pinned), folder, JSON.stringify(tags)],
        ...[toJson(fields.shortened), fields.contextLength, trashedAt, updatedAt, id],
      )
    },
    remove: (id) => void database.run("DELETE FROM conversation WHERE id = ?", id),
    isTrashed: (id) =>
      database.get("SELECT 1 FROM conversation WHERE id = ? AND trashed_at IS NOT NULL", id) !== undefined,
    forgetRemovals(kept) {
      database.run(
        `DELETE FROM conversation_change WHERE type = 'removed' AND seq <= (
           SELECT seq FROM conversation_change WHERE type = 'removed' ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
        kept,
      )
    },
    trashed(what) {
      const rows =
        "owner" in what
          ? database.all<{ readonly id: string }>(
              "SELECT id FROM conversation WHERE trashed_at IS NOT NULL AND owner = ?",
              what.owner,
            )
          : database.all<{ readonly id: string }>(
              "SELECT id FROM conversation WHERE trashed_at < ?",
              what.before,
            )
      return rows.map((row) => row.id)
    },
    folders: (owner) =>
      database.all<LabelCount>(
        `SELECT folder AS name, count(*) AS count FROM conversation
         WHERE owner = ? AND trashed_at IS NULL AND folder <> '' GROUP BY folder ORDER BY folder COLLATE NOCASE`,
        owner,
      ),
    tags: (owner) =>
      database.all<LabelCount>(
        `SELECT value AS name, count(*) AS count FROM conversation, json_each(conversation.tags)
         WHERE owner = ? AND trashed_at IS NULL GROUP BY value ORDER BY value COLLATE NOCASE`,
        owner,
      ),
    messages: (id) =>
      database
        .all<MessageRow>("SELECT * FROM message WHERE conversation_id = ? ORDER BY seq", id)
        .map(toMessage),
    hasMessage: (messageId) => database.get("SELECT 1 FROM message WHERE id = ?", messageId) !== undefined,
    findMessage: (id, conversationId) =>
      message(
        database.get<MessageRow>(
          "SELECT * FROM message WHERE id = ? AND conversation_id = ?",
          ...[id, conversationId],
        ),
      ),
    newestMessage: (id) =>
      message(
        database.get<MessageRow>(
          "SELECT * FROM message WHERE conversation_id = ? ORDER BY seq DESC LIMIT 1",
          id,
        ),
      ),
    firstUserMessage: (id) =>
      message(
        database.get<MessageRow>(
          `SELECT * FROM message WHERE conversation_id = ? AND json_extract(message, '$.role') = 'user'
           ORDER BY seq LIMIT 1`,
          id,
        ),
      ),
    firstAnswer: (messageId) =>
      message(
        database.get<MessageRow>(
          `SELECT * FROM message WHERE parent_id = ? AND json_extract(message, '$.role') = 'assistant'
             AND json_extract(message, '$.content') <> '' ORDER BY seq LIMIT 1`,
          messageId,
        ),
      ),
    branch: (messageId) => database.all<MessageRow>(BRANCH, messageId).map(toMessage),
    insertMessage(stored) {
      database.run(
        `INSERT INTO message (id, conversation_id, parent_id, message, state, created_at, model, usage, timings)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[stored.id, stored.conversationId, stored.parentId, JSON.stringify(stored.message), stored.state],
        ...[stored.createdAt, stored.model, toJson(stored.usage), toJson(stored.timings)],
      )
    },
  }
}

/** What is parsed here was written by `insertMessage` alone. */
function toMessage(row: MessageRow): StoredMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    parentId: row.parent_id,
    message: JSON.parse(row.message) as Message,
    state: row.state,
    createdAt: row.created_at,
    model: row.model,
    usage: fromJson<Usage>(row.usage),
    timings: fromJson<Timings>(row.timings),
  }
}

const toJson = (value: object | null): string | null => (value === null ? null : JSON.stringify(value))

const fromJson = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T))

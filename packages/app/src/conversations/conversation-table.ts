// The tables `conversation` and `message`. Who owns what is asked here, so that no caller can forget it.
import type { Database } from "@fireside/host"
import type {
  Conversation,
  Message,
  SamplingOptions,
  StoredMessage,
  Timings,
  Usage,
} from "@fireside/protocol"

interface ConversationRow {
  readonly id: string
  readonly title: string
  readonly model: string
  readonly system: string
  readonly sampling: string
  readonly created_at: string
  readonly updated_at: string
  readonly message_count: number
}

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

export interface ConversationTable {
  /** Newest change first. */
  list(owner: string, page: { readonly before?: string; readonly limit: number }): readonly Conversation[]
  find(id: string, owner: string): Conversation | undefined
  insert(conversation: ConversationFields, owner: string): void
  update(conversation: ConversationFields): void
  /** With its messages. */
  remove(id: string): void
  /** Oldest first. */
  messages(id: string): readonly StoredMessage[]
  findMessage(id: string, conversationId: string): StoredMessage | undefined
  newestMessage(id: string): StoredMessage | undefined
  firstUserMessage(id: string): StoredMessage | undefined
  /** From the first message to the one named. */
  branch(messageId: string): readonly StoredMessage[]
  insertMessage(message: StoredMessage): void
}

const CONVERSATION = `SELECT id, title, model, system, sampling, created_at, updated_at,
  (SELECT count(*) FROM message WHERE conversation_id = conversation.id) AS message_count FROM conversation`

const BRANCH = `WITH RECURSIVE branch (seq, parent_id) AS (
    SELECT seq, parent_id FROM message WHERE id = ?
    UNION ALL SELECT message.seq, message.parent_id FROM message JOIN branch ON message.id = branch.parent_id
  ) SELECT message.* FROM branch JOIN message ON message.seq = branch.seq ORDER BY message.seq`

export function createConversationTable(database: Database): ConversationTable {
  const message = (row: MessageRow | undefined): StoredMessage | undefined =>
    row === undefined ? undefined : toMessage(row)
  return {
    list: (owner, { before, limit }) =>
      database
        .all<ConversationRow>(
          `${CONVERSATION} WHERE owner = ? AND (? IS NULL OR updated_at < ?)
           ORDER BY updated_at DESC, rowid DESC LIMIT ?`,
          ...[owner, before ?? null, before ?? null, limit],
        )
        .map(toConversation),
    find(id, owner) {
      const row = database.get<ConversationRow>(`${CONVERSATION} WHERE id = ? AND owner = ?`, id, owner)
      return row === undefined ? undefined : toConversation(row)
    },
    insert({ id, title, model, system, sampling, createdAt, updatedAt }, owner) {
      database.run(
        `INSERT INTO conversation (id, owner, title, model, system, sampling, created_at, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, owner, title, model, system, JSON.stringify(sampling), createdAt, updatedAt],
      )
    },
    update({ id, title, model, system, sampling, updatedAt }) {
      database.run(
        "UPDATE conversation SET title = ?, model = ?, system = ?, sampling = ?, updated_at = ? WHERE id = ?",
        ...[title, model, system, JSON.stringify(sampling), updatedAt, id],
      )
    },
    remove: (id) => void database.run("DELETE FROM conversation WHERE id = ?", id),
    messages: (id) =>
      database
        .all<MessageRow>("SELECT * FROM message WHERE conversation_id = ? ORDER BY seq", id)
        .map(toMessage),
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

// What is parsed below was written by `insert`, `update` and `insertMessage` alone.

function toConversation(row: ConversationRow): Conversation {
  return {
    id: row.id,
    title: row.title,
    model: row.model,
    system: row.system,
    sampling: JSON.parse(row.sampling) as SamplingOptions,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    messageCount: row.message_count,
  }
}

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

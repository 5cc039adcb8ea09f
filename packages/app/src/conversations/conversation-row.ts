// A row of the table `conversation` as a conversation, for every query that gives some.
import type { Conversation, SamplingOptions, Shortened } from "@fireside/protocol"

export interface ConversationRow {
  readonly id: string
  readonly title: string
  readonly model: string
  readonly system: string
  readonly sampling: string
  readonly pinned: number
  readonly folder: string
  readonly tags: string
  readonly shortened: string | null
  readonly context_length: number | null
  readonly trashed_at: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly message_count: number
}

export const CONVERSATION_COLUMNS = `conversation.id, conversation.title, conversation.model, conversation.system,
  conversation.sampling, conversation.pinned, conversation.folder, conversation.tags, conversation.shortened,
  conversation.context_length, conversation.trashed_at,
  conversation.created_at, conversation.updated_at,
  (SELECT count(*) FROM message AS counted WHERE counted.conversation_id = conversation.id) AS message_count`

/** What is parsed here was written by `ConversationTable.insert` and `update` alone. */
export function toConversation(row: ConversationRow): Conversation {
  return {
    id: row.id,
    title: row.title,
    model: row.model,
    system: row.system,
    sampling: JSON.parse(row.sampling) as SamplingOptions,
    pinned: row.pinned === 1,
    folder: row.folder,
    tags: JSON.parse(row.tags) as string[],
    shortened: row.shortened === null ? null : (JSON.parse(row.shortened) as Shortened),
    contextLength: row.context_length,
    trashedAt: row.trashed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    messageCount: row.message_count,
  }
}

// An imported conversation into its tables. Its ids are made of the owner and of what the other program calls it, so that the same file twice
// brings nothing twice, and two owners may bring the same file. What we wrote ourselves keeps its ids where they are free.
import { createHash } from "node:crypto"
import { CONVERSATION_LIMITS } from "@fireside/protocol"
import type { ConversationTable } from "../conversation-table.ts"
import { defaultTitle } from "../default-title.ts"
import type { ImportedConversation, Skipped } from "./imported-conversation.ts"

export interface Arrival {
  readonly conversation: ImportedConversation
  readonly owner: string
  readonly now: string
}

/** Within a transaction. Undefined when it came in. */
export function storeImported(
  table: ConversationTable,
  { conversation, owner, now }: Arrival,
): Skipped | undefined {
  const { title, model, system, sampling, pinned, folder, tags, messages } = conversation
  const { shortened, contextLength } = conversation
  const ids = chooseIds(table, conversation, owner)
  if (ids === undefined)
    return { title, reason: "already-here", message: "It is here already, or in the trash." }
  const createdAt = conversation.createdAt ?? messages[0]?.createdAt ?? conversation.updatedAt ?? now
  const newest = messages.map((it) => it.createdAt ?? createdAt).reduce(later, createdAt)
  table.insert(
    {
      ...{ id: ids.conversation, model, system, sampling, pinned, folder, tags: [...tags] },
      title: readTitle(conversation, title),
      shortened: shortened === null ? null : { ...shortened, from: ids.message(shortened.from) },
      contextLength,
      trashedAt: null,
      createdAt,
      updatedAt: conversation.updatedAt ?? newest,
    },
    owner,
  )
  for (const { id, parentId, ...rest } of messages)
    table.insertMessage({
      ...rest,
      id: ids.message(id),
      parentId: parentId === null ? null : ids.message(parentId),
      conversationId: ids.conversation,
      createdAt: rest.createdAt ?? createdAt,
    })
  return undefined
}

interface Ids {
  readonly conversation: string
  message(id: string): string
}

/** Undefined when the owner has it already. */
function chooseIds(
  table: ConversationTable,
  { source, id, messages }: ImportedConversation,
  owner: string,
): Ids | undefined {
  if (source === "fireside" && id !== undefined) {
    const holder = table.ownerOf(id)
    if (holder === owner) return undefined
    if (holder === undefined && !messages.some((it) => table.hasMessage(it.id)))
      return { conversation: id, message: (messageId) => messageId }
  }
  const known = id ?? digest(messages.map(({ message }) => message))
  const conversation = derivedId([owner, source, known])
  if (table.ownerOf(conversation) !== undefined) return undefined
  return { conversation, message: (messageId) => derivedId([conversation, messageId]) }
}

const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex")

/** A UUID of version 8 (RFC 9562): its bits are ours to choose. */
function derivedId(names: readonly string[]): string {
  const hex = digest(names)
  const part = (from: number, to: number): string => hex.slice(from, to)
  return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`
}

const later = (left: string, right: string): string => (left < right ? right : left)

/** Ours is as it was; another program's without a title gets one as ours do. */
function readTitle({ source, messages }: ImportedConversation, title: string): string {
  if (source === "fireside") return title
  const line = title.replaceAll(/\s+/g, " ").trim()
  // The cut may go through a character of two units.
  if (line !== "") return line.slice(0, CONVERSATION_LIMITS.titleLength).replace(/[\uD800-\uDBFF]$/, "")
  return defaultTitle(messages.find(({ message }) => message.role === "user")?.message.content ?? "")
}

// Conversations in the database, with their rules: owners, branches, limits and titles. Asks no model.
import { randomUUID } from "node:crypto"
import {
  AppError,
  CONVERSATION_LIMITS,
  type Conversation,
  ConversationChange,
  type StoredMessage,
} from "@fireside/protocol"
import type { ConversationTable } from "./conversation-table.ts"
import type { ConversationPage, Conversations, NewMessage } from "./conversations.ts"
import { defaultTitle } from "./default-title.ts"
import {
  type ConversationParts,
  findOwn,
  isoTime,
  lookAtConversations,
  openConversations,
  openedFor,
} from "./own-conversation.ts"
import { searchConversations } from "./search-table.ts"
import type { FirstExchange } from "./written-title.ts"

export interface Insertion extends NewMessage {
  /** Defaults to a new one. */
  readonly id?: string
  /** How many messages must find room after this one. Defaults to none. */
  readonly roomAfter?: number
}

type StoredParts = Pick<
  Conversations,
  "list" | "search" | "labels" | "create" | "get" | "change" | "messages"
>

export interface StoredConversations extends StoredParts {
  append(id: string, message: Insertion, owner: string): Promise<StoredMessage>
  /**
   * The messages up to and with the one named; undefined names the newest. Throws `not-found`,
   * and `bad-request` when there is none (null) or it is no question.
   */
  question(id: string, messageId: string | null | undefined, owner: string): Promise<readonly StoredMessage[]>
  /** The messages up to and with an answer, which is to go on. Throws `not-found`, and `bad-request` when it is none. */
  begunAnswer(id: string, messageId: string, owner: string): Promise<readonly StoredMessage[]>
  /** The messages that lead to one, without it. Throws `not-found`, and `bad-request` when there are none. */
  before(id: string, messageId: string, owner: string): Promise<readonly StoredMessage[]>
  /** What the title is when nobody gives one, and what it is about; undefined while the user has said nothing. */
  defaultTitleOf(
    id: string,
    owner: string,
  ): Promise<{ readonly title: string; readonly exchange: FirstExchange | undefined }>
  /** Unless it has another one than `inPlaceOf` by now. The conversation as it is then. */
  giveTitle(
    id: string,
    title: { readonly title: string; readonly inPlaceOf: string },
    owner: string,
  ): Promise<Conversation>
}

const PAGE_SIZE = 50
const SEARCH_HITS = 30

/** `onChange` is called when something was written. */
export function createStoredConversations(
  parts: ConversationParts,
  onChange: () => void,
): StoredConversations {
  return {
    async list({ limit = PAGE_SIZE, before, ...filter }, owner) {
      refuseCount(limit, { most: CONVERSATION_LIMITS.pageSize, what: "A page has", of: "conversations" })
      const opened = await lookAtConversations(parts)
      const cut = before === undefined ? {} : { before: readMoment(before) }
      return opened?.table.list(owner, { ...filter, ...cut, limit }) ?? []
    },
    async search({ query, limit = SEARCH_HITS }, owner) {
      refuseCount(limit, { most: CONVERSATION_LIMITS.searchHits, what: "A search gives", of: "places" })
      const opened = await lookAtConversations(parts)
      return opened === undefined ? [] : searchConversations(opened.database, { query, limit, owner })
    },
    async labels(owner) {
      const opened = await lookAtConversations(parts)
      if (opened === undefined) return { folders: [], tags: [] }
      return { folders: [...opened.table.folders(owner)], tags: [...opened.table.tags(owner)] }
    },
    async create(change, owner) {
      const { title = "", model = "", system = "", sampling = {}, ...rest } = readChange(change)
      const { pinned = false, folder = "", tags = [], shortened = null, contextLength = null } = rest
      if (shortened !== null) throw unknownMessage(shortened.from, "shortened")
      const { table } = await openConversations(parts)
      const at = isoTime(parts)
      const times = { trashedAt: null, createdAt: at, updatedAt: at }
      const labels = { pinned, folder, tags, shortened, contextLength }
      const fields = { id: randomUUID(), title, model, system, sampling, ...labels, ...times }
      table.insert(fields, owner)
      onChange()
      return { ...fields, messageCount: 0 }
    },
    async get(id, owner) {
      return findOwn((await openedFor(parts, id)).table, id, owner)
    },
    async change(id, change, owner) {
      const parsed = readChange(change)
      const { database, table } = await openedFor(parts, id)
      const changed = database.transaction(() => {
        const before = findOwn(table, id, owner)
        const { title = before.title, model = before.model, system = before.system } = parsed
        const { sampling = before.sampling, pinned = before.pinned, folder = before.folder } = parsed
        const { tags = before.tags, contextLength = before.contextLength } = parsed
        const shortened = cutAt(parsed.shortened, before.shortened, isoTime(parts))
        if (shortened !== before.shortened && shortened !== null)
          named(table, id, shortened.from, "shortened")
        const updatedAt = isOrderOnly(parsed) ? before.updatedAt : isoTime(parts)
        const labels = { pinned, folder, tags, shortened, contextLength, updatedAt }
        const after = { ...before, title, model, system, sampling, ...labels }
        table.update(withTitle(after, table))
        return findOwn(table, id, owner)
      })
      onChange()
      return changed
    },
    async messages(id, owner) {
      const { table } = await openedFor(parts, id)
      findOwn(table, id, owner)
      return table.messages(id)
    },
    async append(id, insertion, owner) {
      refuseLarge("The message", JSON.stringify(insertion.message))
      const { database, table } = await openedFor(parts, id)
      const stored = database.transaction(() => {
        const conversation = findOwn(table, id, owner)
        refuseFull(conversation, 1 + (insertion.roomAfter ?? 0))
        const message: StoredMessage = {
          id: insertion.id ?? randomUUID(),
          conversationId: id,
          parentId: findParent(table, id, insertion.parentId),
          message: insertion.message,
          state: insertion.state ?? "complete",
          createdAt: isoTime(parts),
          model: insertion.model ?? null,
          usage: insertion.usage ?? null,
          timings: insertion.timings ?? null,
        }
        table.insertMessage(message)
        table.update(withTitle({ ...conversation, updatedAt: message.createdAt }, table))
        return message
      })
      onChange()
      return stored
    },
    async question(id, messageId, owner) {
      const { table } = await openedFor(parts, id)
      refuseFull(findOwn(table, id, owner), 1)
      const parentId = findParent(table, id, messageId)
      const asked = parentId === null ? undefined : named(table, id, parentId)
      if (asked === undefined || (asked.message.role !== "user" && asked.message.role !== "tool"))
        throw new AppError("bad-request", {
          message: "There is no question to answer.",
          hint: "Send `content`, or name a message of the user in `parentId`.",
          details: { field: "content" },
        })
      return table.branch(asked.id)
    },
    async begunAnswer(id, messageId, owner) {
      const { table } = await openedFor(parts, id)
      refuseFull(findOwn(table, id, owner), 1)
      const begun = named(table, id, messageId)
      if (begun.message.role !== "assistant" || begun.parentId === null)
        throw new AppError("bad-request", {
          message: "Only an answer can go on.",
          hint: "Name a message of the model in `continueFrom`.",
          details: { field: "continueFrom" },
        })
      return table.branch(begun.id)
    },
    async before(id, messageId, owner) {
      const { table } = await openedFor(parts, id)
      findOwn(table, id, owner)
      const { parentId } = named(table, id, messageId, "before")
      if (parentId !== null) return table.branch(parentId)
      throw new AppError("bad-request", {
        message: "Nothing comes before the first message.",
        hint: "Name a later one in `before`.",
        details: { field: "before" },
      })
    },
    async defaultTitleOf(id, owner) {
      const { table } = await openedFor(parts, id)
      findOwn(table, id, owner)
      const question = table.firstUserMessage(id)
      if (question === undefined) return { title: "", exchange: undefined }
      const { content } = question.message
      const answer = table.firstAnswer(question.id)?.message.content ?? ""
      return { title: defaultTitle(content), exchange: { question: content, answer } }
    },
    async giveTitle(id, { title, inPlaceOf }, owner) {
      const { database, table } = await openedFor(parts, id)
      const titled = database.transaction(() => {
        const before = findOwn(table, id, owner)
        if (before.title === inPlaceOf) table.update({ ...before, title })
        return findOwn(table, id, owner)
      })
      onChange()
      return titled
    },
  }
}

/** A cut that was not changed keeps its moment. */
function cutAt(
  wish: ConversationChange["shortened"],
  before: Conversation["shortened"],
  at: string,
): Conversation["shortened"] {
  if (wish === undefined || wish === null) return wish === null ? null : before
  return { ...wish, at }
}

/** Putting conversations in order does not make them new. */
function isOrderOnly({ title, model, system, sampling }: ConversationChange): boolean {
  return title === undefined && model === undefined && system === undefined && sampling === undefined
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

function named(table: ConversationTable, id: string, messageId: string, field = "parentId"): StoredMessage {
  const found = table.findMessage(messageId, id)
  if (found !== undefined) return found
  throw unknownMessage(messageId, field)
}

const unknownMessage = (messageId: string, field: string): AppError =>
  new AppError("not-found", {
    message: `There is no message ${JSON.stringify(messageId.slice(0, 64))} in this conversation.`,
    details: { field },
  })

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
  refuseLarge("The summary", parsed.data.shortened?.summary ?? "")
  return parsed.data
}

/** As the table writes moments: only those can be compared as texts. */
function readMoment(text: string): string {
  const moment = new Date(text)
  if (!Number.isNaN(moment.getTime())) return moment.toISOString()
  throw new AppError("bad-request", {
    message: `${JSON.stringify(text.slice(0, 64))} is no moment.`,
    hint: "Write it like 2026-01-31T12:00:00Z.",
    details: { field: "before" satisfies keyof ConversationPage },
  })
}

interface Count {
  readonly most: number
  readonly what: string
  readonly of: string
}

function refuseCount(limit: number, { most, what, of }: Count): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return
  throw new AppError("bad-request", {
    message: `${what} 1 to ${most} ${of}, not ${limit}.`,
    details: { field: "limit" },
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

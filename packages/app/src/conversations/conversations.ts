// Stored conversations as others see them. A message is there when it is on the disk. Each belongs to one owner; another's is `not-found`.
import type {
  ChatEvent,
  ChatRequest,
  Conversation,
  ConversationChange,
  ConversationEvent,
  ConversationLabels,
  ExportFormat,
  ImportReport,
  SearchHit,
  StoredMessage,
  SummaryWish,
  TitleWish,
  Usage,
} from "@fireside/protocol"
import type { RunOptions } from "../app.ts"

export interface ConversationPage {
  /** Conversations that were last changed before this moment (ISO 8601). */
  readonly before?: string
  /** With `before`: of those that were changed at that very moment, the ones behind this one too. */
  readonly beforeId?: string
  /** Defaults to 50, at most `CONVERSATION_LIMITS.pageSize`. */
  readonly limit?: number
  /** Only those in this folder; empty: those in none. */
  readonly folder?: string
  readonly tag?: string
  readonly pinned?: boolean
  /** Those in the trash, in place of the others. Defaults to false. */
  readonly trash?: boolean
}

export interface ConversationSearch {
  /** Words that must all be in one message or in the title; the last one may be a beginning. */
  readonly query: string
  /** Defaults to 30, at most `CONVERSATION_LIMITS.searchHits`. */
  readonly limit?: number
}

export interface NewMessage {
  /** The message it follows; undefined: the newest one; null: it begins the conversation. Throws `not-found`. */
  readonly parentId?: string | null
  readonly message: StoredMessage["message"]
  readonly state?: StoredMessage["state"]
  readonly model?: string
  readonly usage?: StoredMessage["usage"]
  readonly timings?: StoredMessage["timings"]
}

/** What a turn of a stored conversation may set beside its text; the conversation's own model, system text and sampling are the defaults. */
export interface ConversationTurn extends Partial<Omit<ChatRequest, "messages" | "continueLast">> {
  /** Undefined: answer again what `parentId` (a user's message) asks. */
  readonly content?: string
  readonly parentId?: string | null
  /** An answer that goes on where it ended; the whole becomes another version of it. Excludes `content` and `parentId`. */
  readonly continueFrom?: string
}

export interface ExportWish {
  /** Null: all of them, but those in the trash. */
  readonly id: string | null
  /** Defaults to `markdown`. */
  readonly format?: ExportFormat
}

export interface ExportedFile {
  /** A label of harmless characters. */
  readonly name: string
  readonly contentType: string
  /** In memory is one conversation at a time. */
  readonly pieces: AsyncIterable<string>
}

export interface TitleAnswer {
  readonly conversation: Conversation
  /** Null: the model was not asked, since somebody gave the title. */
  readonly usage: Usage | null
}

export interface Conversations {
  /** Newest change first. */
  list(page: ConversationPage, owner: string): Promise<readonly Conversation[]>
  /** First what is found in a title, then in messages, newest first. What lies in the trash is not found. */
  search(search: ConversationSearch, owner: string): Promise<readonly SearchHit[]>
  /** Folders and tags in use. */
  labels(owner: string): Promise<ConversationLabels>
  create(change: ConversationChange, owner: string): Promise<Conversation>
  get(id: string, owner: string): Promise<Conversation>
  change(id: string, change: ConversationChange, owner: string): Promise<Conversation>
  /** Into the trash. What lies there for `CONVERSATION_LIMITS.trashAgeMs` is erased. */
  remove(id: string, owner: string): Promise<void>
  /** Out of the trash. */
  restore(id: string, owner: string): Promise<Conversation>
  /** Deletes for ever, wherever it lies, with what was computed of it. */
  erase(id: string, owner: string): Promise<void>
  /** Erases what lies in the trash; how many there were. */
  emptyTrash(owner: string, signal: AbortSignal): Promise<number>
  /** `ready`, then what changes, by whatever process, until the signal aborts. */
  changes(owner: string, signal: AbortSignal): AsyncIterable<ConversationEvent>
  export(wish: ExportWish, owner: string): Promise<ExportedFile>
  /** A file of ChatGPT, Claude, Open WebUI or our own export. Throws `bad-request` when it is no list of conversations at all. */
  import(bytes: AsyncIterable<Uint8Array>, owner: string, signal: AbortSignal): Promise<ImportReport>
  /** Lets the model write a title; one that somebody gave stays, unless `force`. */
  title(id: string, wish: TitleWish, options: RunOptions, signal: AbortSignal): Promise<TitleAnswer>
  /**
   * The model sums up what comes before a message, as its system text and its turns are. When the answer is whole, the conversation is
   * shortened by it before its `finish` is passed on; an answer without a word shortens nothing. Throws `not-found`, `bad-request`.
   */
  summarise(id: string, wish: SummaryWish, options: RunOptions, signal: AbortSignal): AsyncIterable<ChatEvent>
  /** Oldest first, all branches. */
  messages(id: string, owner: string): Promise<readonly StoredMessage[]>
  append(id: string, message: NewMessage, owner: string): Promise<StoredMessage>
  /**
   * One turn: stores the user's message, answers the branch that ends in it, and stores the answer before its `finish` is passed on.
   * An answer that breaks off, or whose reader leaves, is stored as `partial`.
   */
  chat(id: string, turn: ConversationTurn, options: RunOptions, signal: AbortSignal): AsyncIterable<ChatEvent>
}

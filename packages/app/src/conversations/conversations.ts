// Stored conversations as others see them. A message is there when it is on the disk. Each belongs to one owner; another's is `not-found`.
import type {
  ChatEvent,
  ChatRequest,
  Conversation,
  ConversationChange,
  StoredMessage,
} from "@fireside/protocol"
import type { RunOptions } from "../app.ts"

export interface ConversationPage {
  /** Conversations that were last changed before this moment (ISO 8601). */
  readonly before?: string
  /** Defaults to 50, at most `CONVERSATION_LIMITS.pageSize`. */
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
}

export interface Conversations {
  /** Newest change first. */
  list(page: ConversationPage, owner: string): Promise<readonly Conversation[]>
  create(change: ConversationChange, owner: string): Promise<Conversation>
  get(id: string, owner: string): Promise<Conversation>
  change(id: string, change: ConversationChange, owner: string): Promise<Conversation>
  remove(id: string, owner: string): Promise<void>
  /** Oldest first, all branches. */
  messages(id: string, owner: string): Promise<readonly StoredMessage[]>
  append(id: string, message: NewMessage, owner: string): Promise<StoredMessage>
  /**
   * One turn: stores the user's message, answers the branch that ends in it, and stores the answer before its `finish` is passed on.
   * An answer that breaks off, or whose reader leaves, is stored as `partial`.
   */
  chat(id: string, turn: ConversationTurn, options: RunOptions, signal: AbortSignal): AsyncIterable<ChatEvent>
}

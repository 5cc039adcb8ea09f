// Stored conversations: the same for the page, the terminal and programs.
import { z } from "zod"
import { Timings, Usage } from "./chat-event.ts"
import { Message, SamplingOptions } from "./chat-request.ts"
import { CONVERSATION_LIMITS } from "./limits.ts"

const tag = z.string().trim().min(1).max(CONVERSATION_LIMITS.tagLength)

const ShortenedWish = z.object({
  /** The first message that the model still reads. On a branch without it the model reads everything. */
  from: z.string().min(1).max(CONVERSATION_LIMITS.idLength),
  /** Stands for what comes before; empty: nothing does. */
  summary: z.string(),
})

/** From where on a conversation goes to the model. What comes before stays stored and readable. */
export const Shortened = ShortenedWish.extend({ at: z.string() })
export type Shortened = z.infer<typeof Shortened>

export const ConversationChange = z
  .object({
    title: z.string().max(CONVERSATION_LIMITS.titleLength),
    model: z.string(),
    system: z.string(),
    sampling: SamplingOptions,
    pinned: z.boolean(),
    /** Empty: in none. */
    folder: z.string().trim().max(CONVERSATION_LIMITS.folderLength),
    /** One that comes twice is taken once. */
    tags: z
      .array(tag)
      .max(CONVERSATION_LIMITS.tags)
      .transform((tags) => [...new Set(tags)]),
    /** Null: the model reads everything again. */
    shortened: ShortenedWish.nullable(),
    /** Tokens that the model is loaded with for it; null: as many as it usually has. */
    contextLength: z.int().min(64).nullable(),
  })
  .partial()
export type ConversationChange = z.infer<typeof ConversationChange>

export const Conversation = z.object({
  id: z.string(),
  title: z.string(),
  /** Empty: the model that is used when none is named. */
  model: z.string(),
  system: z.string(),
  sampling: SamplingOptions,
  pinned: z.boolean(),
  /** Empty: in none. */
  folder: z.string(),
  tags: z.array(z.string()),
  /** Null: the model reads everything. */
  shortened: Shortened.nullable().default(null),
  /** Tokens that the model is loaded with for it; null: as many as it usually has. */
  contextLength: z.int().nullable().default(null),
  /** When it was put into the trash; null: it is not there. */
  trashedAt: z.string().nullable(),
  createdAt: z.string(),
  /** When something was last said, or its title, model, system text or sampling set. All else leaves it. */
  updatedAt: z.string(),
  messageCount: z.int().min(0),
})
export type Conversation = z.infer<typeof Conversation>

/** `complete`: the answer ended by itself. `partial`: it was stopped, or broke off; what there was is kept. */
export const StoredMessageState = z.enum(["complete", "partial"])

export const StoredMessage = z.object({
  id: z.string(),
  conversationId: z.string(),
  /** The message it answers or follows; null for the first. Branches are messages with the same parent. */
  parentId: z.string().nullable(),
  message: Message,
  state: StoredMessageState,
  createdAt: z.string(),
  /** Of an answer: the model that gave it, and its numbers. */
  model: z.string().nullable(),
  usage: Usage.nullable(),
  timings: Timings.nullable(),
})
export type StoredMessage = z.infer<typeof StoredMessage>

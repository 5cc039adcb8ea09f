// Stored conversations: the same for the page, the terminal and programs.
import { z } from "zod"
import { Timings, Usage } from "./chat-event.ts"
import { Message, SamplingOptions } from "./chat-request.ts"
import { CONVERSATION_LIMITS } from "./limits.ts"

export const ConversationChange = z
  .object({
    title: z.string().max(CONVERSATION_LIMITS.titleLength),
    model: z.string(),
    system: z.string(),
    sampling: SamplingOptions,
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
  createdAt: z.string(),
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

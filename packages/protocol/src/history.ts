// What is done with stored conversations as a whole: found, taken out, brought in, followed.
import { z } from "zod"
import { Conversation, StoredMessage } from "./conversation.ts"
import { ERROR_FIELDS } from "./error-fields.ts"
import { CONVERSATION_LIMITS } from "./limits.ts"

/** As the query of a URL carries it. */
const flag = z.enum(["true", "false"]).transform((value) => value === "true")

export const ConversationQuery = z.object({
  /** Conversations that were last changed before this moment (ISO 8601). */
  before: z.iso.datetime({ offset: true }).optional(),
  /** With `before`: of those that were changed at that very moment, the ones behind this one too. The last of a page gives both. */
  beforeId: z.string().max(CONVERSATION_LIMITS.idLength).optional(),
  limit: z.coerce.number().int().min(1).max(CONVERSATION_LIMITS.pageSize).optional(),
  /** Only those in this folder; empty: those in none. */
  folder: z.string().max(CONVERSATION_LIMITS.folderLength).optional(),
  tag: z.string().max(CONVERSATION_LIMITS.tagLength).optional(),
  pinned: flag.optional(),
  /** Those in the trash, in place of the others. */
  trash: flag.optional(),
})
export type ConversationQuery = z.infer<typeof ConversationQuery>

export const ConversationRemoval = z.object({
  /** Not into the trash: deleted for ever. */
  forever: flag.optional(),
})
export type ConversationRemoval = z.infer<typeof ConversationRemoval>

const Label = z.object({ name: z.string(), count: z.int().min(1) })

/** Folders and tags in use, by name, and how many conversations have them; those in the trash do not count. */
export const ConversationLabels = z.object({ folders: z.array(Label), tags: z.array(Label) })
export type ConversationLabels = z.infer<typeof ConversationLabels>

/** How many conversations were deleted for ever. */
export const EmptiedTrash = z.object({ removed: z.int().min(0) })
export type EmptiedTrash = z.infer<typeof EmptiedTrash>

export const SearchQuery = z.object({
  /** Words that must all be in one message or in the title; the last one may be a beginning. */
  query: z.string().max(CONVERSATION_LIMITS.searchCharacters),
  limit: z.coerce.number().int().min(1).max(CONVERSATION_LIMITS.searchHits).optional(),
})
export type SearchQuery = z.infer<typeof SearchQuery>

export const SearchHit = z.object({
  conversation: Conversation,
  /** Null: it was found in the title. */
  messageId: z.string().nullable(),
  snippet: z.object({
    /** Plain text, on one line. */
    text: z.string(),
    /** Where the words are in it: UTF-16 code units, the end not included. */
    matches: z.array(z.object({ start: z.int().min(0), end: z.int().min(0) })),
  }),
})
export type SearchHit = z.infer<typeof SearchHit>

export const ExportFormat = z.enum(["markdown", "json", "html"])
export type ExportFormat = z.infer<typeof ExportFormat>

export const ExportQuery = z.object({
  /** Defaults to `markdown`. `json` is whole, with all branches, and can be imported; the others are the branch that ends last. */
  format: ExportFormat.optional(),
})
export type ExportQuery = z.infer<typeof ExportQuery>

/** One conversation of our own export, which is a list of these. Read as long as `version` is known. */
export const ExportedConversation = z.object({
  format: z.literal("fireside-conversation"),
  version: z.literal(1),
  conversation: Conversation.omit({ messageCount: true, trashedAt: true }),
  /** Oldest first; a message comes after the one it follows. */
  messages: z.array(StoredMessage.omit({ conversationId: true })),
})
export type ExportedConversation = z.infer<typeof ExportedConversation>

/** `already-here` counts what lies in the trash too. */
export const SkipReason = z.enum(["unknown-format", "already-here", "empty", "too-large", "damaged"])
export type SkipReason = z.infer<typeof SkipReason>

export const ImportReport = z.object({
  imported: z.int().min(0),
  skipped: z.int().min(0),
  /** Of the skipped, the first `CONVERSATION_LIMITS.skippedNamed`. */
  reasons: z.array(z.object({ title: z.string(), reason: SkipReason, message: z.string() })),
})
export type ImportReport = z.infer<typeof ImportReport>

export const TitleWish = z.object({
  /** Defaults to the conversation's own, then the one used last. */
  model: z.string().min(1).optional(),
  /** In place of a title that somebody gave, too. */
  force: z.boolean().optional(),
})
export type TitleWish = z.infer<typeof TitleWish>

export const SummaryWish = z.object({
  /** The first message that the model goes on reading; what comes before it is summarised. */
  before: z.string().min(1).max(CONVERSATION_LIMITS.idLength),
  /** Defaults to the conversation's own, then the one used last. */
  model: z.string().min(1).optional(),
})
export type SummaryWish = z.infer<typeof SummaryWish>

/**
 * `ready` comes first: what is read after it misses nothing. `changed`: made, said something in, set, moved into the trash or out of it.
 * `removed`: deleted for ever; `updatedAt` is when it was last changed. Several changes of one conversation may come as one.
 */
export const ConversationEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("changed"), id: z.string(), updatedAt: z.string() }),
  z.object({ type: z.literal("removed"), id: z.string(), updatedAt: z.string() }),
  z.object({ type: z.literal("error"), ...ERROR_FIELDS }),
])
export type ConversationEvent = z.infer<typeof ConversationEvent>

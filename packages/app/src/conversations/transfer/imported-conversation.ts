// A conversation on its way in, whatever program wrote it. Its ids are that program's: what is stored may have others.
import type { Conversation, SamplingOptions, SkipReason, StoredMessage } from "@fireside/protocol"

export type ImportedMessage = Omit<StoredMessage, "conversationId" | "createdAt"> & {
  /** Undefined: that of the conversation. */
  readonly createdAt: string | undefined
}

export interface ImportedConversation {
  readonly source: "fireside" | "chatgpt" | "claude" | "open-webui"
  /** Undefined: it is known by what is said in it. */
  readonly id: string | undefined
  readonly title: string
  /** Empty for other programs: their models are not here. */
  readonly model: string
  readonly system: string
  readonly sampling: SamplingOptions
  readonly pinned: boolean
  readonly folder: string
  readonly tags: readonly string[]
  readonly shortened: Conversation["shortened"]
  readonly contextLength: Conversation["contextLength"]
  /** Undefined: now. */
  readonly createdAt: string | undefined
  /** Undefined: when its last message was written. */
  readonly updatedAt: string | undefined
  /** Each after the one it follows. */
  readonly messages: readonly ImportedMessage[]
}

/** Why a conversation stays out. */
export interface Skipped {
  readonly title: string
  readonly reason: SkipReason
  readonly message: string
}

/** What other programs do not have. */
export const FOREIGN_DEFAULTS = {
  ...{ model: "", sampling: {}, folder: "" },
  ...{ shortened: null, contextLength: null },
} as const

/** A message of another program: without numbers of ours. */
export function foreignMessage(
  message: Pick<ImportedMessage, "id" | "message" | "createdAt"> &
    Partial<Pick<ImportedMessage, "model" | "state">>,
): Omit<ImportedMessage, "parentId"> {
  return { model: null, state: "complete", usage: null, timings: null, ...message }
}

/**
 * ISO 8601 of what programs write for a moment: text, or a number since 1970 in seconds, milliseconds, microseconds or nanoseconds, told apart
 * by size. Undefined for what is none.
 */
export function toMoment(value: unknown): string | undefined {
  const date = typeof value === "number" ? new Date(toMilliseconds(value)) : parseDate(value)
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

const parseDate = (value: unknown): Date | undefined =>
  typeof value === "string" && value.length <= 64 ? new Date(value) : undefined

/** Seconds stay below 1e11 until the year 5138. */
function toMilliseconds(value: number): number {
  if (value < 1e11) return value * 1e3
  if (value < 1e14) return value
  return value < 1e17 ? value / 1e3 : value / 1e6
}

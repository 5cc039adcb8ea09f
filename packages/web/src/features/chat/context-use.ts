// How full the context is, as far as the last answer told. Pure.
import { type Conversation, firstSent, type StoredMessage } from "@fireside/protocol"
import { charactersOf } from "./shorten-plan.ts"

/** From here on the user should know. */
const NEARLY_FULL = 0.85

export interface ContextUse {
  readonly usedTokens: number
  /** 0…1. */
  readonly fraction: number
  readonly isNearlyFull: boolean
}

/** Undefined before the first answer, or where the length is not known. */
export function contextUse(
  messages: readonly StoredMessage[],
  contextLength: number | undefined,
  shortened: Conversation["shortened"] = null,
): ContextUse | undefined {
  const told = messages.findLast((message) => message.usage !== null)
  if (told?.usage === undefined || told.usage === null) return undefined
  if (contextLength === undefined || contextLength <= 0) return undefined
  const toldTokens = told.usage.promptTokens + told.usage.completionTokens
  // It was told before the history was shortened: what is left of it is about its share of the text.
  const isOld = shortened !== null && told.createdAt <= shortened.at
  const usedTokens = isOld ? Math.round(toldTokens * keptShare(messages, shortened)) : toldTokens
  const fraction = Math.min(1, usedTokens / contextLength)
  return { usedTokens, fraction, isNearlyFull: fraction >= NEARLY_FULL }
}

function keptShare(
  messages: readonly StoredMessage[],
  shortened: NonNullable<Conversation["shortened"]>,
): number {
  const at = firstSent(shortened, messages)
  if (at === 0) return 1
  const kept = charactersOf(messages.slice(at)) + shortened.summary.length
  return Math.min(1, kept / Math.max(1, charactersOf(messages)))
}

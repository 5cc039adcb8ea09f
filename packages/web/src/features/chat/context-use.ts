// How full the context is, as far as the last answer told. Pure.
import type { StoredMessage } from "@fireside/protocol"

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
): ContextUse | undefined {
  const usage = messages.findLast((message) => message.usage !== null)?.usage
  if (usage === undefined || usage === null || contextLength === undefined || contextLength <= 0)
    return undefined
  const usedTokens = usage.promptTokens + usage.completionTokens
  const fraction = Math.min(1, usedTokens / contextLength)
  return { usedTokens, fraction, isNearlyFull: fraction >= NEARLY_FULL }
}

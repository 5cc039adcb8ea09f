// Which of the oldest turns would make room, and how much. Pure; tokens are shared out by the length of the texts, so they are about right.
import { type Conversation, firstSent, type StoredMessage } from "@fireside/protocol"

/** Of the context, what is left in it at most: there is room for a while. */
const KEPT_RATIO = 0.5

export interface ShortenPlan {
  /** The first message that is still sent: a question. */
  readonly from: string
  /** What is not sent any more, oldest first. */
  readonly gone: readonly StoredMessage[]
  readonly goneTokens: number
  readonly keptTokens: number
}

export interface ContextTaken {
  readonly shortened: Conversation["shortened"]
  readonly usedTokens: number
  readonly contextLength: number
}

/** Undefined: there is but one question, which always stays. `path`: from the first message to the newest. */
export function planShortening(
  path: readonly StoredMessage[],
  { shortened, usedTokens, contextLength }: ContextTaken,
): ShortenPlan | undefined {
  const sent = path.slice(firstSent(shortened, path))
  const starts = sent.flatMap(({ message }, index) => (message.role === "user" && index > 0 ? [index] : []))
  const whole = Math.max(1, charactersOf(sent))
  const keptFrom = (at: number) => Math.round((usedTokens * charactersOf(sent.slice(at))) / whole)
  const at = starts.find((start) => keptFrom(start) <= contextLength * KEPT_RATIO) ?? starts.at(-1)
  const first = at === undefined ? undefined : sent[at]
  if (at === undefined || first === undefined) return undefined
  const keptTokens = keptFrom(at)
  return {
    ...{ from: first.id, gone: sent.slice(0, at) },
    ...{ keptTokens, goneTokens: Math.max(0, usedTokens - keptTokens) },
  }
}

export function charactersOf(messages: readonly StoredMessage[]): number {
  return messages.reduce((sum, { message }) => sum + message.content.length, 0)
}

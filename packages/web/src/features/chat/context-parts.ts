// What fills the context, by who wrote it. Tokens are shared out by the length of the texts, so they are about right. Pure.
import { type Conversation, firstSent, type StoredMessage } from "@fireside/protocol"
import { charactersOf } from "./shorten-plan.ts"

export const PART_KINDS = ["instructions", "questions", "answers", "draft"] as const

export interface ContextPart {
  readonly kind: (typeof PART_KINDS)[number]
  readonly tokens: number
}

export interface ContextPartsInput {
  /** From the first message to the newest. */
  readonly path: readonly StoredMessage[]
  /** Of the path, as far as it is sent; undefined: not known yet. */
  readonly usedTokens: number | undefined
  readonly contextLength: number | undefined
  /** The chat's instructions. */
  readonly system: string
  readonly shortened: Conversation["shortened"]
  /** What is being written. */
  readonly draft: string
}

export interface ContextFilling {
  /** Those that take something. */
  readonly parts: readonly ContextPart[]
  /** What is left. */
  readonly roomTokens: number
}

/** Undefined as long as it is not known. */
export function contextParts(input: ContextPartsInput): ContextFilling | undefined {
  const { path, usedTokens, contextLength, system, shortened, draft } = input
  if (usedTokens === undefined || contextLength === undefined) return undefined
  const sent = path.slice(firstSent(shortened, path))
  const questions = charactersOf(sent.filter(({ message }) => message.role === "user"))
  const characters: Readonly<Record<ContextPart["kind"], number>> = {
    instructions: system.length,
    // A summary is read as an answer.
    answers: charactersOf(sent) - questions + (shortened?.summary.length ?? 0),
    questions,
    draft: draft.length,
  }
  const told = characters.instructions + characters.answers + characters.questions
  const perCharacter = usedTokens / Math.max(1, told)
  const parts = PART_KINDS.map((kind) => ({
    kind,
    tokens: Math.round(characters[kind] * perCharacter),
  })).filter(({ tokens }) => tokens > 0)
  const taken = parts.reduce((sum, { tokens }) => sum + tokens, 0)
  return { parts, roomTokens: Math.max(0, contextLength - taken) }
}

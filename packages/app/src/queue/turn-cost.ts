// How many tokens a turn is likely to take, for fairness between owners. Counting them exactly would need the model, which may not be loaded.
import type { Prompt } from "@fireside/engine"
import type { ChatRequest } from "@fireside/protocol"

/** English text of the usual vocabularies. */
const CHARACTERS_PER_TOKEN = 4
/** An answer whose length nobody bounds. */
const USUAL_ANSWER_TOKENS = 512
/** Above it the rounds of the queue would be many, and no context holds more. */
const MOST_TOKENS = 65_536

export function costOfChat({ messages, maxTokens }: Pick<ChatRequest, "messages" | "maxTokens">): number {
  return costOf(
    messages.reduce((sum, message) => sum + message.content.length, 0),
    maxTokens ?? USUAL_ANSWER_TOKENS,
  )
}

export function costOfPrompt(
  prompt: Exclude<Prompt, { type: "chat" }>,
  maxTokens: number | undefined,
): number {
  return costOf(lengthOf(prompt), maxTokens ?? USUAL_ANSWER_TOKENS)
}

/** Of embeddings: token ids count as themselves. */
export function costOfTexts(texts: readonly (string | readonly number[])[]): number {
  return costOf(
    texts.reduce(
      (sum, text) => sum + (typeof text === "string" ? text.length : text.length * CHARACTERS_PER_TOKEN),
      0,
    ),
    0,
  )
}

function costOf(characters: number, answerTokens: number): number {
  return Math.min(Math.max(Math.ceil(characters / CHARACTERS_PER_TOKEN) + answerTokens, 1), MOST_TOKENS)
}

function lengthOf(prompt: Exclude<Prompt, { type: "chat" }>): number {
  switch (prompt.type) {
    case "plain":
    case "rendered":
      return prompt.text.length
    case "tokens":
      return prompt.tokens.length * CHARACTERS_PER_TOKEN
    case "infill":
      return prompt.prefix.length + prompt.suffix.length
    default:
      return prompt satisfies never
  }
}

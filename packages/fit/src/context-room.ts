// Does a prompt fit into the context, and how much answer fits behind it? Nothing is ever cut.

export type ContextRoom =
  | {
      readonly type: "fits"
      /** Tokens the answer may have: never more than wished, never more than the context holds. At least 1. */
      readonly answerTokens: number
      /** True when the context and not the wish ends the answer. */
      readonly limitedByContext: boolean
    }
  | {
      readonly type: "overflow"
      readonly promptTokens: number
      readonly contextLength: number
      /** How many tokens the prompt is too long. */
      readonly excessTokens: number
      readonly message: string
    }

/**
 * Counts a prompt of `promptTokens` against `contextLength`. A prompt may fill the context: the last token of an answer is
 * sampled and handed out, and never needs a cell of its own.
 */
export function contextRoom(question: {
  readonly promptTokens: number
  readonly contextLength: number
  readonly maxTokens?: number
}): ContextRoom {
  const { promptTokens, contextLength } = question
  const excessTokens = promptTokens - contextLength
  if (excessTokens > 0)
    return {
      type: "overflow",
      promptTokens,
      contextLength,
      excessTokens,
      message: `The prompt has ${promptTokens} tokens; the context holds ${contextLength}. Nothing was cut.`,
    }
  const wished = question.maxTokens ?? Number.POSITIVE_INFINITY
  const room = 1 - excessTokens
  return { type: "fits", answerTokens: Math.max(1, Math.min(wished, room)), limitedByContext: wished > room }
}

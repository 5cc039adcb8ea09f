// What a run measures with: the same for every run of its kind, so that runs can be compared.
import type { StoredModel } from "@fireside/library"

export interface Scale {
  readonly rounds: number
  /** Tokens; the model's own, when that is less. */
  readonly contextLength: number
  readonly shortPromptTokens: number
  readonly longPromptTokens: number
  readonly answerTokens: number
}

const WHOLE: Scale = {
  rounds: 5,
  contextLength: 2_048,
  shortPromptTokens: 32,
  longPromptTokens: 1_024,
  answerTokens: 96,
}
const QUICK: Scale = {
  rounds: 3,
  contextLength: 512,
  shortPromptTokens: 32,
  longPromptTokens: 256,
  answerTokens: 24,
}

export function scaleOf({ summary }: StoredModel, { isQuick }: { readonly isQuick: boolean }): Scale {
  const scale = isQuick ? QUICK : WHOLE
  if (summary.contextLength <= 0 || summary.contextLength >= scale.contextLength) return scale
  const { contextLength } = summary
  return {
    ...scale,
    contextLength,
    shortPromptTokens: Math.min(scale.shortPromptTokens, Math.floor(contextLength / 8)),
    longPromptTokens: Math.min(scale.longPromptTokens, Math.floor(contextLength / 2)),
    answerTokens: Math.min(scale.answerTokens, Math.floor(contextLength / 8)),
  }
}

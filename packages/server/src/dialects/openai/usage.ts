// What an answer took, in OpenAI's words and in llama.cpp's.
import type { Timings, Usage } from "@fireside/protocol"

/** Of several answers: a prompt counts once, however many answers it has. They stand together, `answersEach` for each prompt. */
export function encodeUsage(usages: readonly Usage[], answersEach: number): Record<string, unknown> {
  let promptTokens = 0
  let cachedTokens = 0
  let completionTokens = 0
  for (const [at, usage] of usages.entries()) {
    completionTokens += usage.completionTokens
    if (at % answersEach !== 0) continue
    promptTokens += usage.promptTokens
    cachedTokens += usage.cachedTokens
  }
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  }
}

/** Counts and speeds as llama.cpp reports them. */
export function encodeTimings(usage: Usage, timings: Timings): Record<string, unknown> {
  const computed = usage.promptTokens - usage.cachedTokens
  const { prefillTokensPerSecond: prefill, decodeTokensPerSecond: decode } = timings
  const { draftedTokens: drafted = 0, acceptedTokens: accepted = 0 } = timings
  return {
    cache_n: usage.cachedTokens,
    prompt_n: computed,
    prompt_ms: millisecondsFor(computed, prefill),
    prompt_per_second: prefill,
    predicted_n: usage.completionTokens,
    predicted_ms: millisecondsFor(usage.completionTokens, decode),
    predicted_per_second: decode,
    ...(drafted > 0 ? { draft_n: drafted, draft_n_accepted: accepted } : {}),
    ...(timings.normalised === undefined ? {} : { normalised: timings.normalised }),
  }
}

function millisecondsFor(tokens: number, perSecond: number): number {
  return perSecond > 0 ? (tokens / perSecond) * 1_000 : 0
}

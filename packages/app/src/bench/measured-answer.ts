// One answer, timed from outside as its reader sees it.
import type { Model } from "@fireside/engine"
import type { Clock } from "@fireside/host"
import { AppError, fromErrorBody } from "@fireside/protocol"

export interface AnswerRequest {
  readonly model: Model
  readonly clock: Clock
  readonly prompt: readonly number[]
  readonly answerTokens: number
  readonly seed: number
  /** Tokens that would end the answer early. */
  readonly endTokens: readonly number[]
  /** Of the run alone: what an earlier run left on disk would be taken for speed. */
  readonly cacheOwner: string
  /** Defaults to false: the prompt is computed whole, and forgotten. */
  readonly cachePrompt?: boolean
}

export interface MeasuredAnswer {
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly ttftMs: number
  /** Between pieces, in their order. */
  readonly gapsMs: readonly number[]
  readonly completionTokens: number
  readonly cachedTokens: number
  /** Of what came after the first piece. */
  readonly decodeTokensPerSecond: number
}

/** Throws what the stream ends in, and `unsupported` for an answer too short to measure. */
export async function measureAnswer(request: AnswerRequest, signal: AbortSignal): Promise<MeasuredAnswer> {
  const { model, clock, prompt, answerTokens, seed, endTokens, cacheOwner, cachePrompt = false } = request
  const logitBias = Object.fromEntries(endTokens.map((token) => [String(token), -100]))
  const startedAtMs = clock.monotonic()
  const pieceTimes: number[] = []
  let usage = { completionTokens: 0, cachedTokens: 0 }
  const events = model.generate(
    { type: "tokens", tokens: prompt },
    // As chats are sampled when nobody says otherwise; the seed makes runs alike.
    { sampling: { seed, logitBias }, maxTokens: answerTokens, cachePrompt, cacheOwner, speculate: false },
    signal,
  )
  for await (const event of events) {
    if (event.type === "text-delta" || event.type === "reasoning-delta") pieceTimes.push(clock.monotonic())
    if (event.type === "finish") usage = event.usage
    if (event.type === "error") throw fromErrorBody(event)
  }
  const endedAtMs = clock.monotonic()
  const [firstAt] = pieceTimes
  const lastAt = pieceTimes.at(-1)
  if (firstAt === undefined || lastAt === undefined || lastAt <= firstAt || usage.completionTokens < 2)
    throw new AppError("unsupported", {
      message: `${model.facts.name} ended its answer after ${usage.completionTokens} tokens: too few to measure.`,
    })
  return {
    startedAtMs,
    endedAtMs,
    ttftMs: firstAt - startedAtMs,
    gapsMs: pieceTimes.slice(1).map((at, index) => at - (pieceTimes[index] ?? at)),
    ...usage,
    decodeTokensPerSecond: ((usage.completionTokens - 1) / (lastAt - firstAt)) * 1_000,
  }
}

/** Any ordinary tokens: the same for the same `variant`, and from their first token on different from those of any other. */
export function promptOf(variant: number, length: number, vocabularySize: number): readonly number[] {
  return Array.from({ length }, (_, index) => (300 + variant * 7_919 + index * 104_729) % vocabularySize)
}

// One round on a loaded model: a short question, a long one, a second turn behind it, a crowd, and the engine's own loop.
import type { Model } from "@fireside/engine"
import type { Clock } from "@fireside/host"
import type { BenchFigures } from "@fireside/protocol"
import { type MeasuredAnswer, measureAnswer, promptOf } from "./measured-answer.ts"
import type { Scale } from "./scale.ts"
import { quantile, spreadOf } from "./spread.ts"

export interface RoundOptions {
  readonly model: Model
  readonly clock: Clock
  readonly scale: Scale
  /** Answers at once. */
  readonly streams: number
  /** From 0; no two rounds use the same prompt, so that no prefix is reused but the one that is meant to be. */
  readonly round: number
  readonly endTokens: readonly number[]
  /** See `AnswerRequest`. */
  readonly cacheOwner: string
  /** Throws when the model works for somebody else; called before and after each measurement. */
  readonly requireAlone: () => void
}

/** Figures of one round, each of them one value. */
export type Round = { readonly [Name in keyof Omit<BenchFigures, "coldStartMs">]: number | null }

/** Of a second turn: what its user writes. */
const TURN_TOKENS = 32
/** Enough for a first piece and one after it. */
const BRIEF_TOKENS = 8

/** One answer that does not count: pages are touched and threads started by whoever comes first. `round` is one that is not measured. */
export async function warmUp(options: RoundOptions, signal: AbortSignal): Promise<void> {
  const { model, scale, round, requireAlone } = options
  requireAlone()
  const prompt = promptOf(variantOf(options, 0), scale.shortPromptTokens, model.facts.vocabularySize)
  await measureAnswer({ ...options, prompt, answerTokens: BRIEF_TOKENS, seed: round + 1 }, signal)
}

export async function measureRound(options: RoundOptions, signal: AbortSignal): Promise<Round> {
  const { model, scale, streams, round, requireAlone } = options
  const { shortPromptTokens, longPromptTokens, answerTokens } = scale
  const prompt = (which: number, length: number) =>
    promptOf(variantOf(options, which), length, model.facts.vocabularySize)
  const answer = { ...options, seed: round + 1 }
  const ask = async (tokens: readonly number[], most: number): Promise<MeasuredAnswer> =>
    measureAnswer({ ...answer, prompt: tokens, answerTokens: most }, signal)
  const askKept = async (tokens: readonly number[]): Promise<MeasuredAnswer> =>
    measureAnswer({ ...answer, prompt: tokens, answerTokens: BRIEF_TOKENS, cachePrompt: true }, signal)
  const alone = async <T>(measure: () => Promise<T>): Promise<T> => {
    requireAlone()
    const value = await measure()
    requireAlone()
    return value
  }

  const short = await alone(() => ask(prompt(0, shortPromptTokens), answerTokens))
  const document = prompt(1, longPromptTokens)
  const long = await alone(() => askKept(document))
  const second = await alone(() => askKept([...document, ...prompt(2, TURN_TOKENS)]))
  const crowd =
    streams < 2
      ? []
      : await alone(() =>
          Promise.all(
            Array.from({ length: streams }, (_, index) =>
              ask(prompt(3 + index, shortPromptTokens), answerTokens),
            ),
          ),
        )
  // Each after the prompt that the figure it is compared with has.
  const loop = (promptTokens: number, generateTokens: number) =>
    alone(async () => await model.benchmark?.({ promptTokens, generateTokens, streams: 1 }, signal))
  const reading = await loop(longPromptTokens, BRIEF_TOKENS)
  const writing = await loop(shortPromptTokens, answerTokens)
  const gaps = short.gapsMs.toSorted((left, right) => left - right)
  return {
    shortTtftMs: short.ttftMs,
    longTtftMs: long.ttftMs,
    prefillTokensPerSecond: ((longPromptTokens - long.cachedTokens) / long.ttftMs) * 1_000,
    reuseTtftMs: second.ttftMs,
    gapMedianMs: quantile(gaps, 0.5),
    gapP95Ms: quantile(gaps, 0.95),
    gapMaxMs: quantile(gaps, 1),
    decodeTokensPerSecond: short.decodeTokensPerSecond,
    crowdTokensPerSecond: crowd.length === 0 ? null : together(crowd),
    kernelPrefillTokensPerSecond: reading?.prefillTokensPerSecond ?? null,
    kernelDecodeTokensPerSecond: writing?.decodeTokensPerSecond ?? null,
  }
}

/** Three prompts of a round are for one stream, the others are the crowd's. */
const variantOf = ({ round, streams }: RoundOptions, which: number): number => round * (3 + streams) + which

/** All tokens over the time from the first request to the end of the last answer. */
function together(answers: readonly MeasuredAnswer[]): number {
  const tokens = answers.reduce((sum, { completionTokens }) => sum + completionTokens, 0)
  const from = Math.min(...answers.map(({ startedAtMs }) => startedAtMs))
  const to = Math.max(...answers.map(({ endedAtMs }) => endedAtMs))
  return (tokens / (to - from)) * 1_000
}

export function figuresOf(rounds: readonly Round[], coldStartsMs: readonly number[]): BenchFigures {
  const over = (name: keyof Round) =>
    spreadOf(rounds.flatMap((round) => (round[name] === null ? [] : [round[name]])))
  return {
    coldStartMs: spreadOf(coldStartsMs),
    shortTtftMs: over("shortTtftMs"),
    longTtftMs: over("longTtftMs"),
    prefillTokensPerSecond: over("prefillTokensPerSecond"),
    reuseTtftMs: over("reuseTtftMs"),
    gapMedianMs: over("gapMedianMs"),
    gapP95Ms: over("gapP95Ms"),
    gapMaxMs: over("gapMaxMs"),
    decodeTokensPerSecond: over("decodeTokensPerSecond"),
    crowdTokensPerSecond: over("crowdTokensPerSecond"),
    kernelPrefillTokensPerSecond: over("kernelPrefillTokensPerSecond"),
    kernelDecodeTokensPerSecond: over("kernelDecodeTokensPerSecond"),
  }
}

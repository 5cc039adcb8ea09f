// Two files of one model on this machine, measured one after the other: how fast each is, and how differently they speak.
import type { BenchmarkResult, TokenScores } from "@fireside/engine"
import type { StoredModel } from "@fireside/library"
import { AppError } from "@fireside/protocol"
import type { Parts } from "../parts.ts"
import { planModel } from "../plan-model.ts"
import { type Divergence, divergenceOf } from "./divergence.ts"
import { SCORED_TEXT } from "./scored-text.ts"

export interface Comparison extends Divergence {
  /** Of the copy over the original. */
  readonly prefillGain: number
  readonly decodeGain: number
}

const CONTEXT_LENGTH = 1_024
const BENCHMARK = { promptTokens: 256, generateTokens: 32, streams: 1 } as const
const SCORED_TOKENS = 512

/** Throws `unsupported` for an engine or a model that cannot be measured, and what loading throws. */
export async function compareModels(
  parts: Parts,
  { original, copy }: { readonly original: StoredModel; readonly copy: StoredModel },
  signal: AbortSignal,
): Promise<Comparison> {
  const before = await measure(parts, original, undefined, signal)
  const after = await measure(parts, copy, before, signal)
  return {
    ...divergenceOf(before.scores, after.scores),
    prefillGain: after.speed.prefillTokensPerSecond / before.speed.prefillTokensPerSecond,
    decodeGain: after.speed.decodeTokensPerSecond / before.speed.decodeTokensPerSecond,
  }
}

interface Measured {
  readonly speed: BenchmarkResult
  readonly tokens: readonly number[]
  readonly scores: TokenScores
}

/** `compared`: the same tokens are scored, at the same ids. */
async function measure(
  parts: Parts,
  stored: StoredModel,
  compared: Measured | undefined,
  signal: AbortSignal,
): Promise<Measured> {
  const wish = { ...parts.wish, contextLength: CONTEXT_LENGTH, streams: 1 }
  const planned = await planModel({ parts, stored, wish, loaded: [] })
  if (planned.type !== "fits") throw new Error("a plan for an empty machine is crowded")
  const { path, header, summary } = stored
  const engine = await parts.engine()
  await using model = await engine.load({ name: summary.name, path, header }, planned.plan, signal)
  if (model.benchmark === undefined || model.score === undefined)
    throw new AppError("unsupported", {
      message: "This engine has no weights, so there is nothing to measure.",
    })
  const tokens =
    compared?.tokens ??
    (await model.tokenize(SCORED_TEXT, { special: false, addBos: true }, signal)).slice(0, SCORED_TOKENS)
  const at = compared === undefined ? {} : { at: compared.scores.ids }
  const scores = await model.score({ tokens, ...at }, signal)
  return { speed: await model.benchmark(BENCHMARK, signal), tokens, scores }
}

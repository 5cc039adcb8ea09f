// `options` of a request and `parameters` of a model: Ollama's names for sampling, lengths and stop strings.
import { GGUF_LIMITS, REQUEST_LIMITS, type SamplingOptions, z } from "@fireside/protocol"
import { present } from "../present.ts"

const ratio = z.number().min(0).max(1).nullish()
const penalty = z.number().min(-2).max(2).nullish()
const stopString = z.string().max(REQUEST_LIMITS.stopStringBytes)

/** Null is absent, as in Go. */
export const ModelOptions = z.looseObject({
  temperature: z.number().min(0).max(10).nullish(),
  /** −1 and 0 are off. */
  top_k: z.int().min(-1).max(1_000_000).nullish(),
  top_p: ratio,
  min_p: ratio,
  typical_p: ratio,
  repeat_penalty: z.number().min(0.01).max(10).nullish(),
  /** −1 is the whole context. */
  repeat_last_n: z.int().min(-1).max(1_000_000).nullish(),
  presence_penalty: penalty,
  frequency_penalty: penalty,
  /** Negative is another one each time; larger ones count modulo 2^32. */
  seed: z.int().nullish(),
  /** 1 is not there any more, and is ignored. */
  mirostat: z.int().min(0).max(2).nullish(),
  mirostat_tau: z.number().min(0).max(100).nullish(),
  mirostat_eta: z.number().min(0).max(10).nullish(),
  /** 0 is the model's own; the least is 64. */
  num_ctx: z.int().min(0).max(GGUF_LIMITS.contextLength).nullish(),
  /** −1: until the model ends; −2: until the context is full, which also ends −1; 0 is as −1. */
  num_predict: z.int().min(-2).nullish(),
  stop: z.union([stopString, z.array(stopString).max(REQUEST_LIMITS.stopStrings)]).nullish(),
})
export type ModelOptions = z.infer<typeof ModelOptions>

export interface ReadOptions {
  readonly generation: {
    readonly sampling?: SamplingOptions
    readonly stop?: string[]
    readonly maxTokens?: number
    readonly contextLength?: number
  }
  /** Names that change nothing: those of Ollama's runner, and those that nobody knows. */
  readonly ignored: readonly string[]
}

export function readOptions(options: ModelOptions | null | undefined): ReadOptions {
  if (options === undefined || options === null) return { generation: {}, ignored: [] }
  const known = ModelOptions.shape
  const ignored = Object.keys(options).filter((name) => !Object.hasOwn(known, name))
  if (options.mirostat === 1) ignored.push("mirostat")
  const sampling = present({
    temperature: options.temperature,
    topK: atLeast(options.top_k, 0),
    topP: options.top_p,
    minP: options.min_p,
    typicalP: options.typical_p,
    repeatPenalty: options.repeat_penalty,
    repeatLastN: options.repeat_last_n,
    presencePenalty: options.presence_penalty,
    frequencyPenalty: options.frequency_penalty,
    seed: seedOf(options.seed),
    mirostat: options.mirostat === 0 || options.mirostat === 2 ? options.mirostat : undefined,
    mirostatTau: options.mirostat_tau,
    mirostatEta: options.mirostat_eta,
  }) satisfies SamplingOptions
  const stop = [options.stop ?? []].flat().filter((text) => text !== "")
  const { num_predict: wanted, num_ctx: context } = options
  return {
    generation: {
      ...(Object.keys(sampling).length === 0 ? {} : { sampling }),
      ...(stop.length === 0 ? {} : { stop }),
      ...(typeof wanted === "number" && wanted > 0 ? { maxTokens: wanted } : {}),
      ...(typeof context === "number" && context > 0
        ? { contextLength: Math.max(LEAST_CONTEXT, context) }
        : {}),
    },
    ignored,
  }
}

const LEAST_CONTEXT = 64
const SEEDS = 2 ** 32

function atLeast(value: number | null | undefined, least: number): number | undefined {
  return typeof value === "number" ? Math.max(value, least) : undefined
}

function seedOf(seed: number | null | undefined): number | undefined {
  return typeof seed === "number" && seed >= 0 ? seed % SEEDS : undefined
}

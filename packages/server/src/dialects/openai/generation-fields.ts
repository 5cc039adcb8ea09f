// The fields that chat, completions and infill have in common: how the next token is chosen, when it ends, how the model is loaded.
import {
  CHOICES_LIMIT,
  GGUF_LIMITS,
  REQUEST_LIMITS,
  type ResponseFormat,
  type SamplingOptions,
  z,
} from "@fireside/protocol"
import { KeepAlive } from "../keep-alive.ts"
import { type Present, present } from "../present.ts"
import { decodeFormat, FORMAT_FIELDS } from "./response-format.ts"

/** −1 is how other servers write "no limit"; more than any context holds is no limit either, and is taken as the longest. */
export const TokenLimit = z
  .int()
  .min(-1)
  .transform((value) => (value === -1 ? undefined : Math.min(value, GGUF_LIMITS.contextLength)))

/**
 * Any whole number, of any sign and size, as a seed of ours: the remainder by 2³² − 1, because the native library takes that number for
 * "random". −1 is how llama.cpp's clients write "random".
 */
const Seed = z
  .number()
  .refine(Number.isInteger, "expected a whole number")
  .transform((value) => (value === -1 ? undefined : toSeed(value)))

const SEEDS = 0xffff_ffff

export function toSeed(value: number): number {
  return ((value % SEEDS) + SEEDS) % SEEDS
}

const ratio = z.number().min(0).max(1)

export const GENERATION_FIELDS = {
  temperature: z.number().min(0).max(10).nullish(),
  top_p: ratio.nullish(),
  /** −1 is how vLLM's clients write "off", which is 0. */
  top_k: z
    .int()
    .min(-1)
    .max(1_000_000)
    .transform((value) => Math.max(value, 0))
    .nullish(),
  min_p: ratio.nullish(),
  typical_p: ratio.nullish(),
  repeat_penalty: z.number().min(0.01).max(10).nullish(),
  repeat_last_n: z.int().min(-1).max(1_000_000).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: Seed.nullish(),
  /** Token id → addend to its logit. */
  logit_bias: z
    .record(z.string().regex(/^\d{1,9}$/, "a key is a token id"), z.number().min(-100).max(100))
    .refine(
      (bias) => Object.keys(bias).length <= REQUEST_LIMITS.logitBiasEntries,
      `at most ${REQUEST_LIMITS.logitBiasEntries} entries`,
    )
    .nullish(),
  stop: z
    .union([
      z.string().min(1).max(REQUEST_LIMITS.stopStringBytes),
      z.array(z.string().min(1).max(REQUEST_LIMITS.stopStringBytes)).max(REQUEST_LIMITS.stopStrings),
    ])
    .nullish(),
  max_tokens: TokenLimit.nullish(),
  ...FORMAT_FIELDS,
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  keep_alive: KeepAlive.nullish(),
  /** Context length to load the model with, tokens. */
  num_ctx: z.int().min(64).max(GGUF_LIMITS.contextLength).nullish(),
  n_ctx: z.int().min(64).max(GGUF_LIMITS.contextLength).nullish(),
}

export const CHOICES_FIELD = z.int().min(1).max(CHOICES_LIMIT).nullish()

const Fields = z.object(GENERATION_FIELDS)
export type GenerationFields = z.output<typeof Fields>

/** What a `ChatRequest` and a `CompletionRequest` have in common. */
export interface Generating {
  readonly sampling?: SamplingOptions
  readonly stop?: string[]
  readonly contextLength?: number
  readonly responseFormat?: ResponseFormat
  readonly maxTokens?: number
}

export function decodeGeneration(fields: GenerationFields): Generating {
  const sampling: Present<SamplingOptions> = present({
    temperature: fields.temperature,
    topK: fields.top_k,
    topP: fields.top_p,
    minP: fields.min_p,
    typicalP: fields.typical_p,
    repeatPenalty: fields.repeat_penalty,
    repeatLastN: fields.repeat_last_n,
    frequencyPenalty: fields.frequency_penalty,
    presencePenalty: fields.presence_penalty,
    seed: fields.seed,
    logitBias: fields.logit_bias,
  })
  return present({
    sampling: Object.keys(sampling).length === 0 ? undefined : sampling,
    stop: typeof fields.stop === "string" ? [fields.stop] : fields.stop,
    contextLength: fields.num_ctx ?? fields.n_ctx,
    responseFormat: decodeFormat(fields),
    maxTokens: fields.max_tokens,
  })
}

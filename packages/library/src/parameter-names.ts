// The names that parameters have in Modelfiles and in Ollama's `params` files: `top_k` for our `topK`.
import { SamplingOptions } from "@fireside/protocol"

export type SamplingKey = keyof SamplingOptions

const KEYS = Object.keys(SamplingOptions.shape) as SamplingKey[]

export const parameterName = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export const SAMPLING_NAMES: ReadonlyMap<string, SamplingKey> = new Map(
  KEYS.map((key) => [parameterName(key), key]),
)

export const CONTEXT_LENGTH_NAME = "num_ctx"
export const MAX_TOKENS_NAME = "num_predict"

/** Fewer tokens of context hold no chat. */
export const LEAST_CONTEXT_LENGTH = 64

// Everything that parent and child say to each other. The parent trusts nothing of it: see `parse-child-message.ts`.
import type { LoadPlan } from "@fireside/fit"
import type { ComputeDevice, ErrorBody, TokenLogprob, Usage } from "@fireside/protocol"
import type {
  Embeddings,
  ForgetWish,
  GenerateOptions,
  PrefixCache,
  Prompt,
  RenderedPrompt,
} from "../engine.ts"

export interface LoadRequest {
  readonly path: string
  readonly plan: LoadPlan
  /** Replaces the template of the file. */
  readonly template?: string
  /** Ids of the tokens that may be control tokens; the library has the last word. */
  readonly controlCandidates: readonly number[]
  readonly cache?: PrefixCache
}

export interface BenchmarkOptions {
  readonly promptTokens: number
  readonly generateTokens: number
  /** Generations at once. */
  readonly streams: number
}

export interface BenchmarkResult {
  readonly prefillTokensPerSecond: number
  /** Of all streams together, from when the last of them has begun to speak. */
  readonly decodeTokensPerSecond: number
  /** Of the whole, prompts and answers, milliseconds. */
  readonly durationMs: number
}

export interface ScoreOptions {
  readonly tokens: readonly number[]
  /** For each token of `tokens` the ids that are asked about. Undefined: the likeliest ones, likeliest first. */
  readonly at?: Int32Array
  /** How many tokens go through the model at once: another number takes other ways through the kernels. Defaults to 64, the most. */
  readonly rows?: number
}

/** For each token of a text, what may come next. */
export interface TokenScores {
  /** Ids for each position. */
  readonly kept: number
  /** `kept` for each position, one position after another. */
  readonly ids: Int32Array
  /** Natural logarithms of the probabilities of `ids`. */
  readonly logProbabilities: Float32Array
}

export interface KernelSpeedOptions {
  readonly path: string
  /** Of a prompt step. */
  readonly rows: number
}

export interface KernelSpeedResult {
  readonly prefillRowsPerSecond: number
  readonly decodeRowsPerSecond: number
}

/** Requests that are answered by one `answer` or `failed`. */
export type Question =
  | { readonly type: "embed"; readonly texts: readonly string[] }
  | { readonly type: "tokenize"; readonly text: string; readonly special: boolean; readonly addBos: boolean }
  | { readonly type: "detokenize"; readonly tokens: readonly number[] }
  | { readonly type: "render"; readonly prompt: Prompt }
  | { readonly type: "benchmark"; readonly options: BenchmarkOptions }
  /** Computes and keeps the shared beginning of a prompt. */
  | { readonly type: "pin"; readonly prompt: Prompt; readonly label: string }
  | { readonly type: "score"; readonly options: ScoreOptions }
  /** The process is going to end: computed prefixes go to disk. The answer is how many were written. */
  | { readonly type: "keep-prefixes" }
  /** Decodes with the model of the path and gives the argmax of each step. Needs no loaded model. */
  | { readonly type: "self-test"; readonly path: string; readonly tokens: readonly number[] }
  /** Times a model that was made for it. Needs no loaded model. */
  | { readonly type: "kernel-speed"; readonly options: KernelSpeedOptions }

export type ToChild =
  | { readonly type: "prepare"; readonly libraryFolder?: string }
  | { readonly type: "load"; readonly load: LoadRequest }
  | {
      readonly type: "generate"
      readonly requestId: number
      readonly prompt: Prompt
      readonly options: GenerateOptions
    }
  | { readonly type: "ask"; readonly requestId: number; readonly question: Question }
  | { readonly type: "cancel"; readonly requestId: number }
  | { readonly type: "forget"; readonly wish: ForgetWish }
  /** The reader is slow: no more tokens until `resume`. */
  | { readonly type: "pause" | "resume"; readonly requestId: number }

export interface ChildModelFacts {
  readonly vocabularySize: number
  readonly embeddingLength: number
  readonly trainedContextLength: number
  readonly sizeBytes: number
  readonly hasChatTemplate: boolean
  readonly canInfill: boolean
  readonly canEmbed: boolean
  readonly loadMs: number
}

export interface Delta {
  readonly requestId: number
  readonly text: string
  readonly logprobs?: readonly TokenLogprob[]
}

export interface StreamEnd {
  readonly requestId: number
  readonly reason: "stop" | "length"
  readonly stopString?: string
  readonly usage: Usage
  /** Request received → first token chosen. */
  readonly prefillMs: number
  /** First token → last token. */
  readonly decodeMs: number
  /** Tokens that were guessed and computed … */
  readonly draftedTokens: number
  /** … and of them those that were right. */
  readonly acceptedTokens: number
}

export interface Answers {
  readonly embed: Embeddings
  readonly tokenize: readonly number[]
  readonly detokenize: string
  readonly render: RenderedPrompt
  readonly benchmark: BenchmarkResult
  readonly pin: { readonly tokens: number; readonly bytes: number }
  readonly score: TokenScores
  readonly "keep-prefixes": number
  readonly "self-test": readonly number[]
  readonly "kernel-speed": KernelSpeedResult
}

export type FromChild =
  | {
      readonly type: "ready"
      readonly version: string
      readonly build: string
      readonly systemInfo: string
      readonly devices: readonly ComputeDevice[]
      readonly notices: readonly string[]
    }
  /** Part of the weights that is read, 0…1. */
  | { readonly type: "load-progress"; readonly fraction: number }
  | { readonly type: "loaded"; readonly facts: ChildModelFacts }
  /** `requestId` −1: preparing or loading failed. */
  | { readonly type: "failed"; readonly requestId: number; readonly error: ErrorBody }
  | {
      readonly type: "prompt-ready"
      readonly requestId: number
      readonly promptTokens: number
      /** What a parser must know; null: the text is passed on as it is. */
      readonly parser: { readonly template: string; readonly promptTail: string } | null
      readonly notices: readonly string[]
    }
  | {
      readonly type: "step"
      readonly deltas: readonly Delta[]
      readonly progress: readonly {
        readonly requestId: number
        readonly doneTokens: number
        readonly totalTokens: number
      }[]
      readonly ends: readonly StreamEnd[]
      readonly streams: number
      readonly queued: number
      readonly threads: number
    }
  | { readonly type: "answer"; readonly requestId: number; readonly value: unknown }
  /** Something that did no harm but should be known. */
  | {
      readonly type: "log"
      readonly message: string
      readonly details: Readonly<Record<string, string | number>>
    }
  /** Work goes on: loading, a long batch, or waiting for a slow reader. */
  | { readonly type: "alive" }

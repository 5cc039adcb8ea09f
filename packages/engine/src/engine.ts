// The whole of inference in two interfaces. Read this first. `llama-engine.ts` and `echo-engine.ts` implement them,
// `engine.contract.ts` is the suite that both pass.
import type { LoadPlan } from "@fireside/fit"
import type { ValidatedHeader } from "@fireside/gguf"
import type {
  ChatEvent,
  ComputeDevice,
  Message,
  ResponseFormat,
  SamplingOptions,
  TokenKind,
  ToolChoice,
  ToolDefinition,
} from "@fireside/protocol"
import type { BenchmarkOptions, BenchmarkResult } from "./child/messages.ts"

/** Where and how much of a model's computed prefixes is kept beyond the sequences that are in use. */
export interface PrefixCache {
  /** Of all models, on disk. It must be there when the process starts (see `LlamaEngineOptions.cacheFolder`) for anything to be written. */
  readonly folder: string
  /** Stands for the weights: results of other weights are never used. */
  readonly identity: string
  /** For the files of all models together; 0: nothing is written. */
  readonly diskBytes: number
  readonly memoryBytes: number
}

/** Which computed prefixes are removed. */
export type ForgetWish =
  | { readonly type: "label"; readonly label: string }
  | { readonly type: "owner"; readonly owner: string }
  /** All of them; those that were computed ahead only with `pinned`. */
  | { readonly type: "all"; readonly pinned: boolean }

export interface ModelFile {
  /** What the user calls it; goes into `start` events and messages. */
  readonly name: string
  readonly path: string
  /** When the caller has validated the file already; otherwise `load` reads and validates it before native code sees it. */
  readonly header?: ValidatedHeader
  /** Replaces the template of the file. */
  readonly template?: string
  /** Defaults to some main memory and no disk. */
  readonly cache?: PrefixCache
  /** Hears how much of the weights is read, 0…1, at most ten times a second; an engine that reads none says nothing. */
  readonly onProgress?: (fraction: number) => void
}

/**
 * What the model reads. User text stays apart from the template's control tokens until both are token ids:
 * text of `chat`, `infill` and `plain` can never become a control token. `rendered` text may, by definition.
 */
export type Prompt =
  | {
      readonly type: "chat"
      readonly messages: readonly Message[]
      readonly tools?: readonly ToolDefinition[]
      /** Undefined: as the template does by itself. */
      readonly think?: boolean
      /** Continue the last message (the assistant's) in place of beginning a new one. */
      readonly continueLast?: boolean
    }
  | { readonly type: "plain"; readonly text: string }
  | { readonly type: "rendered"; readonly text: string }
  | { readonly type: "tokens"; readonly tokens: readonly number[] }
  | { readonly type: "infill"; readonly prefix: string; readonly suffix: string }

export interface AdapterUse {
  readonly path: string
  readonly scale: number
}

export interface GenerateOptions {
  readonly sampling?: SamplingOptions
  readonly stop?: readonly string[]
  /** Undefined: until the model ends or the context is full. */
  readonly maxTokens?: number
  readonly format?: ResponseFormat
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  readonly adapters?: readonly AdapterUse[]
  readonly topLogprobs?: number
  /** Reuse and keep computed prefixes. Defaults to true. */
  readonly cachePrompt?: boolean
  /** Whose prefix it is: none is reused of another owner, whose text the reuse would give away. Undefined is an owner too. */
  readonly cacheOwner?: string
  /** What the computed prefix belongs to and is removed with: a conversation. */
  readonly cacheLabel?: string
  /** May the computed prefix be written to disk? Defaults to true. */
  readonly cacheOnDisk?: boolean
  /**
   * Guess tokens that the text has had before, and check several in one step. The text is chosen as without. Requests with a seed do
   * without, lest the last bits of the results change. Defaults to true.
   */
  readonly speculate?: boolean
  /** Goes into the `start` event. Defaults to a new one. */
  readonly id?: string
}

export interface RenderedPrompt {
  /** The text that the model saw, with control tokens written out. */
  readonly text: string
  readonly tokens: readonly number[]
  /** For each token: did the template (true) or the user's text (false) put it there? */
  readonly fromTemplate: readonly boolean[]
  /** For each token, who put it there. */
  readonly kinds: readonly TokenKind[]
  /** For each token, where in `text` it ends: UTF-16 code units. One that ends within a character ends with it. */
  readonly ends: readonly number[]
}

export interface ModelFacts {
  readonly name: string
  readonly architecture: string
  readonly vocabularySize: number
  readonly embeddingLength: number
  readonly trainedContextLength: number
  readonly contextLength: number
  readonly streams: number
  readonly sizeBytes: number
  readonly hasChatTemplate: boolean
  readonly canInfill: boolean
  readonly canEmbed: boolean
  readonly processor: string
  readonly devices: readonly ComputeDevice[]
  readonly libraryVersion: string
  readonly loadMs: number
  /** Process of the engine; 0 when there is none. */
  readonly pid: number
}

export interface ModelActivity {
  readonly streams: number
  readonly queued: number
  readonly threads: number
}

export interface Embeddings {
  /** One of `facts.embeddingLength` for each text, not normalised further than the model does. */
  readonly vectors: readonly Float32Array[]
  /** Of all texts together, with the tokens that the model puts around each. */
  readonly promptTokens: number
}

export interface Model extends AsyncDisposable {
  readonly facts: ModelFacts
  /**
   * One stream: exactly one `start`, then `prompt-progress` with nothing done as soon as the prompt is counted and its constraint accepted, then
   * deltas, then exactly one `finish` or `error`. Failures after the call are `error`
   * events, also a wrong grammar, an overflow of the context (`details: {promptTokens, contextLength}`) and a crash of the child.
   * An aborted signal ends the stream with `error` `interrupted` within one batch.
   */
  generate(prompt: Prompt, options: GenerateOptions, signal: AbortSignal): AsyncIterable<ChatEvent>
  embed(texts: readonly string[], signal: AbortSignal): Promise<Embeddings>
  /** Control tokens in `text` are recognised only with `special`. */
  tokenize(
    text: string,
    options: { special: boolean; addBos: boolean },
    signal: AbortSignal,
  ): Promise<readonly number[]>
  detokenize(tokens: readonly number[], signal: AbortSignal): Promise<string>
  render(prompt: Prompt, signal: AbortSignal): Promise<RenderedPrompt>
  /** Measures with the loop that serves requests. Throws `model-in-use` while the model answers. Absent where nothing is computed. */
  benchmark?(options: BenchmarkOptions, signal: AbortSignal): Promise<BenchmarkResult>
  activity(): ModelActivity
  /** Removes computed prefixes, in memory and on disk; what is in use goes when it is done. Absent where nothing is kept. */
  forget?(wish: ForgetWish): void
  /**
   * Computes a prompt's shared beginning (template, system prompt, tools) and keeps it until its label is forgotten.
   * Throws what `generate` says, and `unsupported` where nothing is kept. Bytes are those of the results.
   */
  pin?(
    prompt: Prompt,
    label: string,
    signal: AbortSignal,
  ): Promise<{ readonly tokens: number; readonly bytes: number }>
  /**
   * Told false when the process behind the model ended by itself, true when another has taken its place (`facts.pid` is its). Absent where
   * there is no process.
   */
  onProcess?(listener: (isAlive: boolean) => void): void
}

export interface Engine {
  /** Throws `bad-model-file`, `load-failed`, `memory-refused`, `engine-missing`, `model-quarantined`, `engine-crashed`. */
  load(file: ModelFile, plan: LoadPlan, signal: AbortSignal): Promise<Model>
}

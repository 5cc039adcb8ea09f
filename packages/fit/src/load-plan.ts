// What will be loaded how: the result of fitting a model to a machine. `engine` takes it as it is.

export type KvType = "f16" | "bf16" | "q8_0"

/** What the user asked for; everything left out is chosen. */
export interface LoadWish {
  /** Tokens of context for each stream. */
  readonly contextLength?: number
  /** How many generations run at once: all of them, or the plan is refused. Defaults to 1. */
  readonly streams?: number
  /** As many streams as fit with the whole context, at most so many. `streams` wins. */
  readonly mostStreams?: number
  readonly kvType?: KvType
  readonly threads?: number
  /** Layers to put on a GPU; −1 is all. */
  readonly gpuLayers?: number
  readonly useMmap?: boolean
  readonly embeddings?: boolean
  /** See `LoadPlan.sharesCells`. */
  readonly sharesCells?: boolean
  /** See `LoadPlan.deterministic`. Not for embeddings, which it does nothing for. */
  readonly deterministic?: boolean
  /** Load even when the memory plan says no. */
  readonly force?: boolean
}

/** Main memory, bytes. Layers on a GPU with memory of its own are not in it. */
export interface MemoryNeed {
  readonly weightsBytes: number
  readonly kvBytes: number
  readonly computeBytes: number
  readonly totalBytes: number
}

export interface LoadPlan {
  /** Tokens of context for each stream. */
  readonly contextLength: number
  readonly streams: number
  /** Rows of one `llama_decode`. */
  readonly batchRows: number
  readonly microBatchRows: number
  readonly kvType: KvType
  readonly useMmap: boolean
  readonly gpuLayers: number
  readonly threads: number
  /** Logical processors the threads are pinned to; empty: not pinned. */
  readonly cpus: readonly number[]
  readonly embeddings: boolean
  /**
   * The streams take their cells out of one store: a common beginning is held once, and taking it over moves no byte. Long chats that have
   * nothing in common get slower by a third, because each looks past the cells of the others. Defaults to false: each stream has its own
   * cells, and a common beginning is copied.
   */
  readonly sharesCells?: boolean
  /**
   * The same input gives the same text, whatever is computed beside it and whether its prefix is computed or reused. The cache is
   * q8_0 then, which makes long prompts slower, each stream has its own cells, and nothing is on a GPU. Defaults to false.
   */
  readonly deterministic?: boolean
  /**
   * What is computed depends on how long the context is: it has its length and all its sequences from the start, and nothing computed in
   * another is of use. Defaults to false: it grows with its chats.
   */
  readonly fixedContext?: boolean
  readonly memory: MemoryNeed
  readonly budgetBytes: number
}

export type FitVerdict =
  | { readonly type: "fits"; readonly plan: LoadPlan; readonly notices: readonly string[] }
  | {
      readonly type: "refused"
      /**
       * `memory`: too much for the machine. `context`, `streams`: past what the model or the engine has. `deterministic`: the model or
       * the wish allows no deterministic mode.
       */
      readonly reason: "memory" | "context" | "streams" | "deterministic"
      readonly memory: MemoryNeed
      readonly budgetBytes: number
      /** What was asked for, in numbers a user can act on. */
      readonly message: string
      /** What would fit, best first: `a context of 8192 tokens`, `the Q4_K_M file`, … */
      readonly wouldFit: readonly string[]
      /** What to do, where it is nothing that `wouldFit` could name. */
      readonly hint?: string
      /** The plan all the same, for `--force`. */
      readonly plan: LoadPlan
    }

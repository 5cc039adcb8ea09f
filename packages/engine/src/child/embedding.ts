// Texts → vectors, many texts in one decode, in a context of its own that is made when the first text comes.
import { AppError } from "@fireside/protocol"
import { type ContextOptions, createContext, type NativeContext } from "./native/context.ts"
import type { NativeLibrary } from "./native/library.ts"
import type { NativeModel } from "./native/model.ts"

const TEXTS_PER_DECODE = 64
/** Rows of the first context; longer texts make a larger one. */
const FIRST_ROWS = 512

export interface EmbedderOptions {
  readonly library: NativeLibrary
  readonly model: NativeModel
  /** Longest text, tokens. */
  readonly contextLength: number
  readonly context: Pick<ContextOptions, "threads" | "pool">
  readonly isCancelled: (requestId: number) => boolean
  readonly onBatchTick: () => void
}

export interface EmbedJob {
  readonly requestId: number
  readonly texts: readonly (readonly number[])[]
  readonly vectors: Float32Array[]
}

export class Embedder {
  readonly #options: EmbedderOptions
  readonly #jobs: EmbedJob[] = []
  #context: NativeContext | null = null
  #current = -1

  constructor(options: EmbedderOptions) {
    this.#options = options
  }

  get hasWork(): boolean {
    return this.#jobs.length > 0
  }

  /** Throws `context-overflow` for a text that one decode cannot hold. */
  tokenize(text: string, index: number): readonly number[] {
    const { model, contextLength } = this.#options
    // The model says itself what belongs around a text: [CLS] and [SEP], or a bos.
    const tokens = model.tokenize(text, { addSpecial: true, parseSpecial: false })
    if (tokens.length > contextLength)
      throw new AppError("context-overflow", {
        message: `Input ${index} has ${tokens.length} tokens; ${contextLength} can be embedded at once.`,
        hint: "Cut the text into smaller pieces. Inputs are counted from 0.",
        details: { promptTokens: tokens.length, contextLength, index },
      })
    if (tokens.length === 0)
      throw new AppError("bad-request", {
        message: `Input ${index} is empty; an empty text has no embedding.`,
        hint: "Inputs are counted from 0.",
        details: { index },
      })
    return tokens
  }

  add(requestId: number, texts: readonly (readonly number[])[]): void {
    this.#jobs.push({ requestId, texts, vectors: [] })
  }

  /** One decode. Returns the job when it is finished by it, or `cancelled` jobs one at a time. */
  step(): { readonly job: EmbedJob; readonly type: "done" | "cancelled" } | null {
    const [job] = this.#jobs
    if (job === undefined) return null
    const finish = (type: "done" | "cancelled") => {
      this.#jobs.shift()
      return { job, type }
    }
    if (this.#options.isCancelled(job.requestId)) return finish("cancelled")
    if (!this.#decodeSome(job)) return finish("cancelled")
    if (job.vectors.length < job.texts.length) {
      // The next job has its turn first.
      this.#jobs.push(...this.#jobs.splice(0, 1))
      return null
    }
    return finish("done")
  }

  /** False when the job was cancelled in the middle of the batch. */
  #decodeSome(job: EmbedJob): boolean {
    const remaining = job.texts.slice(job.vectors.length, job.vectors.length + TEXTS_PER_DECODE)
    const context = this.#contextFor(Math.max(...remaining.map((tokens) => tokens.length)))
    context.clear()
    let texts = 0
    for (const tokens of remaining) {
      if (context.rows + tokens.length > context.rowCapacity) break
      for (const [position, token] of tokens.entries()) context.addRow(token, position, texts, true)
      texts += 1
    }
    context.clearMemory()
    this.#current = job.requestId
    const result = context.decode()
    this.#current = -1
    if (result === "aborted") return false
    if (result !== "done") throw new Error(`llama_decode of an embedding: ${result}`)
    for (let sequence = 0; sequence < texts; sequence++) job.vectors.push(context.embedding(sequence))
    return true
  }

  /** Every text must be whole in one micro-batch, so a longer text needs a context with more rows. */
  #contextFor(longest: number): NativeContext {
    if (this.#context !== null && longest <= this.#context.rowCapacity) return this.#context
    const { library, model, contextLength, isCancelled, onBatchTick } = this.#options
    this.#context?.[Symbol.dispose]()
    let rows = Math.min(FIRST_ROWS, contextLength)
    while (rows < longest) rows = Math.min(rows * 2, contextLength)
    const context = createContext(library, model, {
      ...this.#options.context,
      cellsPerSequence: rows,
      sequences: TEXTS_PER_DECODE,
      batchRows: rows,
      microBatchRows: rows,
      kvType: "f16",
      embeddings: model.hasPooling ? "as-model" : "mean",
    })
    context.setAbort(() => {
      onBatchTick()
      return isCancelled(this.#current)
    })
    context.watchAbort(true)
    this.#context = context
    return context
  }
}

// Texts → vectors: the texts of all waiting requests share decodes, in a context of their own that is made when the first text comes.
import { AppError, type ErrorBody, toErrorBody } from "@fireside/protocol"
import type { DecodeResult, NativeContext } from "../native/context.ts"
import type { NativeModel } from "../native/model.ts"
import { TEXTS_PER_DECODE } from "./embedding-context.ts"

/** Rows of one decode, of which more gain nothing, and of the first context; a longer text makes a larger one and goes with as many rows. */
const ROWS_PER_DECODE = 512
/** Decodes that will take longer are watched for cancellation inside: each node of the graph then asks, which a short one would feel. */
const WATCH_FROM_MS = 3_000
/** The first decode of a model of more weights is watched, as nobody knows yet how long it takes. */
const UNMEASURED_BYTES = 500_000_000

/** Clients that ask again after an answer are waited for, no longer than this part of a decode: their texts go together. */
const GATHER_SHARE = 0.2
const GATHER_MS = 20

export interface EmbedderOptions {
  readonly model: Pick<NativeModel, "tokenize" | "sizeBytes">
  /** Longest text, tokens. */
  readonly contextLength: number
  /** For `TEXTS_PER_DECODE` texts of so many tokens in all. */
  readonly createContext: (rows: number) => NativeContext
  readonly isCancelled: (requestId: number) => boolean
  readonly onBatchTick: () => void
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

interface EmbedJob {
  readonly requestId: number
  readonly texts: readonly (readonly number[])[]
  /** Of the first texts, in their order. */
  readonly vectors: Float32Array[]
}

export type EmbedEnd =
  | {
      readonly type: "done"
      readonly requestId: number
      readonly vectors: Float32Array[]
      readonly promptTokens: number
    }
  | { readonly type: "failed"; readonly requestId: number; readonly error: ErrorBody }

export class Embedder {
  readonly #options: EmbedderOptions
  /** Whose turn it is comes first. */
  #jobs: readonly EmbedJob[] = []
  #context: NativeContext | null = null
  /** The owner of each text in the decode: one entry a sequence. */
  #batch: readonly EmbedJob[] = []
  /** Of the last decode. 0: not measured yet. */
  #msPerRow = 0
  /** How many requests the last decode served, and how long they are expected to come again. */
  #gathered = { requests: 0, untilMs: 0 }

  constructor(options: EmbedderOptions) {
    this.#options = options
  }

  get hasWork(): boolean {
    return this.#jobs.length > 0
  }

  /** Milliseconds in which more texts may come that would go along; 0: no reason to wait. */
  get gatherMs(): number {
    const { requests, untilMs } = this.#gathered
    const isLess = this.#jobs.length > 0 && this.#jobs.length < requests
    return isLess ? Math.max(0, untilMs - this.#options.now()) : 0
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
    this.#jobs = [...this.#jobs, { requestId, texts, vectors: [] }]
  }

  /** One decode. Returns the jobs that ended with it. */
  step(): readonly EmbedEnd[] {
    const ends = this.#takeEnded()
    const [lead] = this.#jobs
    if (lead === undefined) return ends
    this.#batch = [lead]
    const startedAt = this.#options.now()
    try {
      this.#decodeSome(lead)
    } catch (error) {
      const failed = new Set(this.#batch)
      this.#jobs = this.#jobs.filter((job) => !failed.has(job))
      for (const { requestId } of failed) ends.push({ type: "failed", requestId, error: toErrorBody(error) })
    }
    const served = new Set(this.#batch)
    this.#batch = []
    const { now } = this.#options
    const gatherMs = Math.min(GATHER_MS, GATHER_SHARE * (now() - startedAt))
    this.#gathered = { requests: served.size, untilMs: now() + gatherMs }
    ends.push(...this.#takeEnded())
    // For whom there was no room is first in the next decode.
    this.#jobs = [
      ...this.#jobs.filter((job) => !served.has(job)),
      ...this.#jobs.filter((job) => served.has(job)),
    ]
    return ends
  }

  /** Removes what is complete or no longer wanted. */
  #takeEnded(): EmbedEnd[] {
    const ends = this.#jobs.flatMap((job): EmbedEnd[] => {
      const { requestId, texts, vectors } = job
      if (this.#options.isCancelled(requestId))
        return [
          { type: "failed", requestId, error: { code: "interrupted", message: "The work was stopped." } },
        ]
      if (vectors.length < texts.length) return []
      const promptTokens = texts.reduce((sum, tokens) => sum + tokens.length, 0)
      return [{ type: "done", requestId, vectors, promptTokens }]
    })
    const ended = new Set(ends.map(({ requestId }) => requestId))
    this.#jobs = this.#jobs.filter(({ requestId }) => !ended.has(requestId))
    return ends
  }

  #decodeSome(lead: EmbedJob): void {
    const context = this.#contextFor(lead.texts[lead.vectors.length]?.length ?? 0)
    context.clear()
    this.#batch = this.#fill(context)
    context.clearMemory()
    const result = this.#decode(context)
    // Nobody wants it any longer.
    if (result === "aborted") return
    if (result !== "done") throw new Error(`llama_decode of an embedding: ${result}`)
    for (const [sequence, job] of this.#batch.entries()) job.vectors.push(context.embedding(sequence))
  }

  /** One text of each job, then another of each, while there is room: few texts are done at once beside thousands. */
  #fill(context: NativeContext): readonly EmbedJob[] {
    const batch: EmbedJob[] = []
    let open = this.#jobs
    for (let round = 0; open.length > 0; round++)
      open = open.filter((job) => {
        const tokens = job.texts[job.vectors.length + round]
        if (tokens === undefined || batch.length === TEXTS_PER_DECODE) return false
        // A text that is longer than a decode should be goes alone.
        const room = Math.min(context.rowCapacity, batch.length === 0 ? Infinity : ROWS_PER_DECODE)
        if (context.rows + tokens.length > room) return false
        for (const [position, token] of tokens.entries()) context.addRow(token, position, batch.length, true)
        batch.push(job)
        return true
      })
    return batch
  }

  #decode(context: NativeContext): DecodeResult {
    const { model, now } = this.#options
    const { rows } = context
    context.watchAbort(
      this.#msPerRow === 0 ? model.sizeBytes > UNMEASURED_BYTES : this.#msPerRow * rows > WATCH_FROM_MS,
    )
    const startedAt = now()
    const result = context.decode()
    context.synchronize()
    if (result === "done") this.#msPerRow = (now() - startedAt) / rows
    return result
  }

  /** Every text must be whole in one micro-batch, so a longer text needs a context with more rows. */
  #contextFor(longest: number): NativeContext {
    if (this.#context !== null && longest <= this.#context.rowCapacity) return this.#context
    const { contextLength, createContext, isCancelled, onBatchTick } = this.#options
    this.#context?.[Symbol.dispose]()
    this.#context = null
    let rows = Math.min(ROWS_PER_DECODE, contextLength)
    while (rows < longest) rows = Math.min(rows * 2, contextLength)
    const context = createContext(rows)
    // Inside a decode only the loss of all its jobs is worth a stop.
    context.setAbort(() => {
      onBatchTick()
      return this.#batch.every(({ requestId }) => isCancelled(requestId))
    })
    this.#context = context
    return context
  }
}

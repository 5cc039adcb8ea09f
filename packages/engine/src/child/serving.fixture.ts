// The main loop over a context that is a script, for its tests.
import type { LoadPlan } from "@fireside/fit"
import { createBlockWorth } from "./block-worth.ts"
import { Generation } from "./generation.ts"
import type { FromChild } from "./messages.ts"
import { NO_ADAPTERS } from "./native/adapters.ts"
import type { ContextShape, DecodeResult, NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"
import type { TokenSampler } from "./native/sampler.ts"
import { Serving, type ServingOptions } from "./serving.ts"

const PLAN = { contextLength: 1_000, streams: 2, threads: 1 } as LoadPlan
/** What every stream says. */
const LETTER = 65

interface Row {
  readonly token: number
  readonly position: number
  readonly sequence: number
  readonly wantsOutput: boolean
}

/** Remembers what was decoded, as a real one would. */
export class ScriptedContext {
  /** Positions held, by sequence. */
  readonly held = new Map<number, number[]>()
  readonly batches: Row[][] = []
  rows = 0
  rowCapacity = 512
  /** What the next decodes return; then `done`. */
  results: DecodeResult[] = []
  /** Called in the middle of a decode; `asks` is what the library asks there. */
  inBatch: (asks: () => boolean) => void = () => {}
  #batch: Row[] = []
  #abort: () => boolean = () => false
  watched = false

  clear(): void {
    this.#batch = []
    this.rows = 0
  }
  addRow(token: number, position: number, sequence: number, wantsOutput: boolean): number {
    if (this.#batch.length === this.rowCapacity) throw new Error(`no room for row ${this.rowCapacity}`)
    this.#batch.push({ token, position, sequence, wantsOutput })
    this.rows = this.#batch.length
    return this.rows - 1
  }
  decode(): DecodeResult {
    this.inBatch(this.#abort)
    this.inBatch = () => {}
    const result = this.results.shift() ?? "done"
    // An aborted batch leaves its first half behind.
    const kept =
      result === "done" ? this.#batch : result === "aborted" ? this.#batch.slice(0, this.rows / 2) : []
    for (const { position, sequence } of kept) {
      const positions = this.held.get(sequence) ?? []
      if (positions.length !== position)
        throw new Error(`position ${position} after ${positions.length} in sequence ${sequence}`)
      this.held.set(sequence, [...positions, position])
    }
    this.batches.push(this.#batch)
    return result
  }
  cut(sequence: number, from: number): boolean {
    this.held.set(
      sequence,
      (this.held.get(sequence) ?? []).filter((position) => position < from),
    )
    return true
  }
  saveState(sequence: number): Uint8Array | null {
    const positions = this.held.get(sequence) ?? []
    return positions.length === 0 ? null : new Uint8Array(positions.length)
  }
  restoreState(sequence: number, state: Uint8Array): boolean {
    this.held.set(
      sequence,
      Array.from(state, (_, position) => position),
    )
    return true
  }
  releaseState(): void {}
  sequences = 2
  mostSequences = 2
  cellsPerSequence = PLAN.contextLength
  reshape: ((shape: ContextShape) => void) | null = null
  share: ((from: number, to: number) => void) | null = null
  copy(from: number, to: number): void {
    this.held.set(to, [...(this.held.get(from) ?? [])])
  }
  setAdapters(): void {}
  setAbort(listener: () => boolean): void {
    this.#abort = listener
  }
  watchAbort(on: boolean): void {
    this.watched = on
  }
  firstPosition(): number {
    return 0
  }
  setThreads(): void {}
  synchronize(): void {}
  clearMemory(): void {}
}

const MODEL = {
  isRecurrent: false,
  sizeBytes: 1_000_000_000,
  slidingWindow: 0,
  isEndOfGeneration: () => false,
  piece: (token: number) => Uint8Array.of(token),
} as unknown as NativeModel // the only fields that serving looks at

export interface AddOptions {
  readonly maxTokens?: number
  readonly cachePrompt?: boolean
  /** So many tokens at the beginning are the same in all prompts. */
  readonly beginning?: number
}

export interface ScriptedServing {
  readonly context: ScriptedContext
  readonly sent: FromChild[]
  readonly cancelled: Set<number>
  readonly serving: Serving
  /** Requests whose samplers were given back. */
  readonly disposed: number[]
  add(requestId: number, promptTokens: number, options?: AddOptions): Generation
  run(limit?: number): void
  textOf(requestId: number): string
  endsOf(requestId: number): unknown[]
}

export interface ScriptedServingOptions {
  /** Defaults to 2. */
  readonly sequences?: number
  /** Of prefill, as if it had been measured. Defaults to 0: not yet. */
  readonly msPerRow?: number
  /** Defaults to null: no prompt is computed apart. */
  readonly createApart?: ServingOptions["createApart"]
  /** Between two messages of a step. */
  readonly onSend?: (message: FromChild) => void
}

export function createScriptedServing({
  sequences = 2,
  msPerRow = 0,
  createApart = null,
  onSend = () => {},
}: ScriptedServingOptions = {}): ScriptedServing {
  const context = new ScriptedContext()
  context.sequences = sequences
  context.mostSequences = sequences
  const sent: FromChild[] = []
  const cancelled = new Set<number>()
  const disposed: number[] = []
  let now = 0
  const serving = new Serving({
    model: MODEL,
    context: context as unknown as NativeContext, // the methods that serving calls
    plan: PLAN,
    parkedBytes: 1_000_000,
    files: null,
    foreign: null,
    createApart,
    pace: { msPerRow, blockWorth: createBlockWorth() },
    isCancelled: (requestId) => cancelled.has(requestId),
    onBatchTick: () => {},
    send: (message) => {
      sent.push(message)
      onSend(message)
    },
    now: () => ++now,
  })
  return {
    context,
    sent,
    cancelled,
    serving,
    disposed,
    add(requestId, promptTokens, { maxTokens = 3, cachePrompt = true, beginning = 0 } = {}) {
      const sampler: TokenSampler = {
        lookBack: 0,
        observe: () => {},
        sample: () => LETTER,
        [Symbol.dispose]: () => void disposed.push(requestId),
      }
      const generation = new Generation({
        requestId,
        prompt: Array.from({ length: promptTokens }, (_, index) =>
          index < beginning ? index : requestId * 1_000 + index,
        ),
        sampler,
        adapters: NO_ADAPTERS,
        stop: [],
        maxTokens,
        contextLength: PLAN.contextLength,
        cachePrompt,
        isRepeatable: false,
        markers: new Set(),
        ignoreEnd: false,
        startedAtMs: 0,
      })
      serving.add(generation)
      return generation
    },
    run(limit = 100) {
      for (let step = 0; step < limit && serving.hasWork; step++) serving.step()
    },
    textOf: (requestId) =>
      sent
        .flatMap((message) => (message.type === "step" ? message.deltas : []))
        .filter((delta) => delta.requestId === requestId)
        .map(({ text }) => text)
        .join(""),
    endsOf(requestId) {
      const ends: unknown[] = []
      for (const message of sent) {
        if (message.type === "step") ends.push(...message.ends.filter((end) => end.requestId === requestId))
        if (message.type === "failed" && message.requestId === requestId) ends.push(message.error)
      }
      return ends
    },
  }
}

// The child's main loop body: plan a step, decode it, sample every row, and tell the parent all of it in one message.
import { type LoadPlan, outputRowsOf } from "@fireside/fit"
import { AppError, type ErrorBody, toErrorBody } from "@fireside/protocol"
import type { ForgetWish } from "../engine.ts"
import { AdaptiveThreads } from "./adaptive-threads.ts"
import { addRows, type BatchRow } from "./batch-rows.ts"
import { type ContextShaping, createContextShaping } from "./context-shaping.ts"
import type { ForeignUse } from "./foreign-use.ts"
import type { Ending, Generation } from "./generation.ts"
import type { FromChild } from "./messages.ts"
import type { DecodeResult, NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"
import { NextStep } from "./next-step.ts"
import type { ApartContext } from "./preemption/apart-prompt.ts"
import { PreemptiblePrefill } from "./preemption/preemptible-prefill.ts"
import type { LineStore } from "./prefix/parked-lines.ts"
import { PrefixMemory, type SequenceClaim } from "./prefix/prefix-memory.ts"
import { extend, truncate } from "./prefix/sequence.ts"
import { createDrafting, type Drafting } from "./speculation/drafting.ts"
import { createStepCosts } from "./speculation/step-costs.ts"
import { createStepOutbox, type StepOutbox } from "./step-outbox.ts"
import type { StepPlan } from "./step-planner.ts"
import { emptyReport, progressOf, type StepReport } from "./step-report.ts"
import { createTimedDecode, type Pace, type TimedDecode } from "./timed-decode.ts"

export interface ServingOptions {
  readonly model: NativeModel
  readonly context: NativeContext
  readonly plan: LoadPlan
  /** Room for computed prefixes that no sequence holds, bytes of main memory. */
  readonly parkedBytes: number
  /** Where prefixes outlive the process; null: nowhere. */
  readonly files: LineStore | null
  readonly pace: Pace
  /** What others take of our processors. Null: not known. */
  readonly foreign: ForeignUse | null
  /** A context for one long prompt, see `ApartPrompt`. Null: this model has none. */
  readonly createApart: ((cells: number) => ApartContext | null) | null
  /** Is the request no longer wanted? */
  readonly isCancelled: (requestId: number) => boolean
  /** Called often in the middle of a batch that takes long: the only time for news from the parent. */
  readonly onBatchTick: () => void
  readonly send: (message: FromChild) => void
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

export class Serving {
  readonly #options: ServingOptions
  readonly #memory: PrefixMemory
  readonly #shape: ContextShaping
  readonly #drafting: Drafting
  readonly #timed: TimedDecode
  readonly #outbox: StepOutbox
  readonly #waiting: Generation[] = []
  readonly #running: Generation[] = []
  readonly #next: NextStep<Generation>
  #batch: readonly BatchRow[] = []
  readonly #apart: PreemptiblePrefill
  /** The next step does without guesses. */
  #holdDrafts = false

  constructor(options: ServingOptions) {
    this.#options = options
    this.#memory = new PrefixMemory({
      sequences: options.context.sequences,
      states: options.context,
      memoryBytes: options.parkedBytes,
      files: options.files,
      slidingWindow: options.model.slidingWindow,
      msPerRow: () => this.#options.pace.msPerRow,
    })
    this.#shape = createContextShaping({ ...options, memory: this.#memory })
    this.#drafting = createDrafting({
      costs: createStepCosts(),
      ownCells: () => options.context.share === null,
      capacity: outputRowsOf(options.plan),
    })
    this.#timed = createTimedDecode({
      ...options,
      threads: new AdaptiveThreads({ full: options.plan.threads, foreign: options.foreign }),
      onDecoded: (rowsByStream, durationMs) => this.#drafting.record(rowsByStream, durationMs),
    })
    this.#next = new NextStep({ ...options, timed: this.#timed })
    this.#outbox = createStepOutbox({ ...options, activity: () => this.activity })
    this.#apart = new PreemptiblePrefill({
      ...options,
      timed: this.#timed,
      takeTurn: () => this.#takeTurn(),
      makeRoom: () => this.#shape.separate(),
    })
    // Inside a batch only the loss of a stream that computes its prompt is worth stopping for: the rest is one short step.
    options.context.setAbort(() => {
      options.onBatchTick()
      return this.#batch.some((row) => row.rows > 1 && options.isCancelled(row.stream.requestId))
    })
  }

  get hasWork(): boolean {
    return this.#waiting.length > 0 || this.#running.some((stream) => !stream.paused)
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#running.length === 0
  }

  get activity(): { streams: number; queued: number; threads: number } {
    return { streams: this.#running.length, queued: this.#waiting.length, threads: this.#timed.threads }
  }

  add(stream: Generation): void {
    this.#waiting.push(stream)
    this.#next.release()
  }

  setPaused(requestId: number, paused: boolean): void {
    for (const stream of [...this.#running, ...this.#waiting])
      if (stream.requestId === requestId) stream.paused = paused
    this.#next.release()
  }

  /** Ends streams whose requests are no longer wanted. */
  dropCancelled(): void {
    const isUnwanted = (stream: Generation) =>
      stream !== this.#apart.computing && this.#options.isCancelled(stream.requestId)
    for (const list of [this.#running, this.#waiting])
      for (const stream of list.filter(isUnwanted))
        this.#fail(stream, { code: "interrupted", message: "The work was stopped." })
  }

  /** Removes computed prefixes. */
  forget(wish: ForgetWish): void {
    this.#memory.forget(wish)
  }

  /** Writes one computed prefix to disk: for when there is no work. False: none is left that would be missed. See `PrefixMemory.storeOne`. */
  storeOne(all: boolean): boolean {
    return this.#memory.storeOne(all)
  }

  /** Sends what steps have said and the next one would send: before other work. */
  flush(): void {
    this.#outbox.flush()
  }

  /** One decode. Call again while `hasWork`. */
  step(): void {
    this.dropCancelled()
    const { steady } = this.#next
    if (steady === null) this.#stepAnew()
    else this.#compute(steady)
  }

  #stepAnew(): void {
    this.#admit()
    const able = this.#running.filter((stream) => !stream.paused)
    const apart = this.#apart.choose(able)
    if (apart !== null && this.#apart.isDue(able)) this.#stepApart(apart, able)
    else this.#stepTogether(able.filter((stream) => stream !== apart))
  }

  #stepTogether(able: readonly Generation[]): void {
    const plan = this.#next.choose(able, this.#running)
    if (plan === null) return
    if (this.#waiting.length === 0) this.#next.hold(plan, this.#running)
    this.#compute(plan)
  }

  #compute(plan: StepPlan<Generation>): void {
    const { context } = this.#options
    context.clear()
    const drafts = this.#guess(plan)
    this.#batch = [
      ...plan.decode.map((stream, place) => this.#fill(stream, 1, drafts[place])),
      ...plan.prefill.map(({ stream, rows }) => this.#fill(stream, rows)),
    ]
    if (this.#batch[0] === undefined) return
    context.setAdapters(this.#batch[0].stream.adapters)
    const isTurn = this.#apart.computing !== null
    // With prefill or guesses it takes longer than a picture on a screen.
    if (context.rows > this.#batch.length) this.#outbox.flush()
    const result = isTurn
      ? this.#timed.decodeTurn()
      : this.#timed.decode({
          hasPrefill: plan.prefill.length > 0,
          rowsByStream: this.#batch.map(({ draft }) => 1 + draft.length),
          depths: this.#batch.map(({ stream }) => stream.sequence?.tokens.length ?? 0),
        })
    this.#finishStep(result)
    // The batch around it goes on.
    if (isTurn) this.#outbox.flush()
  }

  /** The next rows of a long prompt, and in the middle of them steps of those who read. */
  #stepApart(stream: Generation, able: readonly Generation[]): void {
    this.#outbox.flush()
    const { result, batch } = this.#apart.decode(stream)
    for (const other of able) if (other !== stream && other.promptRows > 0) other.deficit += batch.rows
    if (result === "aborted") this.dropCancelled()
    else if (result !== "done") this.#fail(stream, toErrorBody(new Error(`llama_decode: ${result}`)))
    else if (batch.outputRow < 0)
      this.#outbox.add({ ...emptyReport(), progress: [progressOf(stream, this.#apart.done)] })
    else {
      stream.deficit = 0
      if (this.#apart.land()) this.#sample([{ ...batch, rows: 0 }], this.#apart.context)
      this.#apart.close()
    }
  }

  /** A step of those who read, in the middle of a batch of another's prompt. */
  #takeTurn(): void {
    this.dropCancelled()
    this.#stepTogether(this.#running.filter((stream) => !stream.paused && stream.promptRows === 0))
  }

  /** Gives waiting streams their sequences, in the order in which they came; one that will find more in a moment lets others go first. */
  #admit(): void {
    if (this.#waiting.length === 0) return
    this.#shape.fit(this.#running, this.#waiting)
    for (const stream of [...this.#waiting]) {
      let claim = this.#claim(stream)
      // What it waits for may be there already, apart.
      if (claim === "later" && this.#apart.stream !== null && this.#apart.land()) claim = this.#claim(stream)
      if (claim === null) return
      if (claim === "later") continue
      this.#waiting.splice(this.#waiting.indexOf(stream), 1)
      stream.start(claim.sequence, claim.reusable)
      this.#running.push(stream)
    }
  }

  #claim(stream: Generation): SequenceClaim | "later" | null {
    const { model, plan, pace } = this.#options
    return this.#memory.claim(
      {
        prompt: stream.tokens,
        adapterKey: stream.adapterKey,
        owner: stream.cacheOwner,
        label: stream.cacheLabel,
        onDisk: stream.cacheOnDisk,
        sharedTokens: stream.sharedTokens,
        reuse: stream.cachePrompt,
        // In deterministic mode a reused prefix has the bits of a computed one.
        exactly: stream.isRepeatable && plan.deterministic !== true,
        wholeOnly: model.isRecurrent,
        nearlyBlockRows: plan.kvType === "q8_0" ? null : pace.blockWorth.leastRows(pace.msPerRow),
      },
      (sequence) => this.#running.some((other) => other.sequence === sequence && other.isComputingPrompt),
    )
  }

  /**
   * Drafts for streams that decode. None beside prefill, whose blocks they would break, none in a turn, which is to be short, and none for a
   * memory that cannot be cut.
   */
  #guess({ decode, prefill }: StepPlan<Generation>): readonly (readonly number[])[] {
    const isTurn = this.#apart.computing !== null
    const isHeld = this.#holdDrafts || isTurn || prefill.length > 0 || this.#options.model.isRecurrent
    this.#holdDrafts = false
    return isHeld ? [] : this.#drafting.guess(decode)
  }

  #fill(stream: Generation, rows: number, draft: readonly number[] = []): BatchRow {
    const { sequence } = stream
    if (sequence === null) throw new Error("a running stream has a sequence")
    return addRows(this.#options.context, {
      stream,
      sequence: sequence.id,
      from: sequence.tokens.length,
      rows,
      draft,
    })
  }

  #finishStep(result: DecodeResult): void {
    const batch = this.#batch
    this.#batch = []
    switch (result) {
      case "done":
        this.#sample(batch, this.#options.context)
        break
      case "aborted":
        // Finished micro-batches stay in the memory: everything goes back to where it was before the step.
        for (const { stream } of batch) this.#rewind(stream)
        this.dropCancelled()
        break
      case "no-room":
        this.#makeRoom(batch)
        break
      case "invalid":
      case "failed":
        for (const { stream } of batch) {
          this.#rewind(stream)
          this.#fail(stream, toErrorBody(new Error(`llama_decode: ${result}`)))
        }
        break
      default:
        result satisfies never
    }
  }

  #sample(batch: readonly BatchRow[], context: NativeContext): void {
    const { model, now } = this.#options
    const report = emptyReport()
    for (const { stream, rows, outputRow, draft } of batch) {
      const { sequence } = stream
      if (sequence === null) continue
      const from = sequence.tokens.length
      extend(sequence, stream.tokens.slice(from, from + rows))
      if (outputRow < 0) {
        report.progress.push(progressOf(stream, sequence.tokens.length))
        continue
      }
      try {
        const { delta, end, accepted } = stream.advance(context, model, {
          row: outputRow,
          draft,
          nowMs: now(),
        })
        extend(sequence, draft.slice(0, accepted))
        if (accepted < draft.length) this.#rewind(stream)
        if (delta !== null) report.deltas.push(delta)
        if (end !== null) this.#end(stream, end, report)
      } catch (error) {
        if (draft.length > 0) this.#rewind(stream)
        this.#fail(stream, toErrorBody(error))
      }
    }
    this.#outbox.add(report)
  }

  /**
   * The memory has no place for the batch: it grows as far as it may; then guesses go, then what no stream needs, then common cells become
   * everybody's own, then the longest stream ends.
   */
  #makeRoom(batch: readonly BatchRow[]): void {
    for (const { stream } of batch) this.#rewind(stream)
    if (this.#shape.lengthen(batch.map(({ stream }) => stream))) return
    this.#holdDrafts = batch.some(({ draft }) => draft.length > 0)
    if (this.#holdDrafts || this.#memory.dropFree() || this.#shape.separate()) return
    const [longest] = this.#running
      .filter((stream) => stream !== this.#apart.computing)
      .sort((a, b) => b.tokens.length - a.tokens.length)
    if (longest === undefined) return
    const report = emptyReport()
    if (longest.hasStarted) this.#end(longest, { reason: "length" }, report)
    else
      this.#fail(
        longest,
        toErrorBody(
          new AppError("context-overflow", {
            message: `The prompt has ${longest.promptLength} tokens; the context has no room for them now.`,
            hint: "Try again when other requests are done, or load the model with a longer context.",
            details: { promptTokens: longest.promptLength, contextLength: this.#options.plan.contextLength },
          }),
        ),
      )
    this.#outbox.add(report)
  }

  /** Puts a sequence back to the tokens that are known to be computed; its stream computes the rest again. */
  #rewind(stream: Generation): void {
    const { sequence } = stream
    if (sequence === null) return
    if (this.#options.context.cut(sequence.id, sequence.tokens.length) && sequence.tokens.length > 0) return
    this.#options.context.cut(sequence.id, 0)
    truncate(sequence, 0)
  }

  #end(stream: Generation, ending: Ending, report: StepReport): void {
    const { onPinned, sequence } = stream
    if (onPinned === undefined) report.ends.push(stream.toEnd(ending))
    else if (sequence !== null) onPinned(this.#memory.pin(sequence))
    this.#remove(stream)
  }

  #fail(stream: Generation, error: ErrorBody): void {
    this.#remove(stream)
    this.#outbox.flush()
    this.#options.send({ type: "failed", requestId: stream.requestId, error })
  }

  #remove(stream: Generation): void {
    this.#next.release()
    for (const list of [this.#running, this.#waiting]) {
      const at = list.indexOf(stream)
      if (at >= 0) list.splice(at, 1)
    }
    this.#outbox.forget(stream.requestId)
    if (stream === this.#apart.stream) this.#apart.close()
    if (stream.sequence !== null) this.#memory.release(stream.sequence, stream.cachePrompt)
    stream[Symbol.dispose]()
    if (this.isEmpty) this.#apart.release()
  }
}

// Computes a long prompt so that those who read their answers meanwhile hardly wait for it: see `ApartPrompt`. Says whose prompt, how much of it
// at once, and when the others get a step.
import { addRows, type BatchRow } from "../batch-rows.ts"
import type { Generation } from "../generation.ts"
import type { DecodeResult, NativeContext } from "../native/context.ts"
import { BATCH_MS, PREFILL_TARGET_MS, promptBatchRows } from "../step-planner.ts"
import type { Pace, TimedDecode } from "../timed-decode.ts"
import { type ApartContext, ApartPrompt } from "./apart-prompt.ts"
import { chooseApart, isLong } from "./choose-apart.ts"
import { createTurns, type Turns } from "./turns.ts"

export interface PreemptiblePrefillOptions {
  /** The context that all streams share. */
  readonly context: NativeContext
  /** A context with so many cells for one prompt; throws, or null, where there is no memory. Null: this model has none. */
  readonly createApart: ((cells: number) => ApartContext | null) | null
  readonly timed: Pick<TimedDecode, "batchMs" | "decodeApart">
  readonly pace: Pace
  /** Steps of streams that decode, in the middle of a batch, with `timed.decodeTurn`. */
  readonly takeTurn: () => void
  /** The common context has no room for what was computed. True: it has more now. */
  readonly makeRoom: () => boolean
  /** Is the request no longer wanted? */
  readonly isCancelled: (requestId: number) => boolean
  /** Called often in the middle of a batch. */
  readonly onBatchTick: () => void
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

export class PreemptiblePrefill {
  readonly #options: PreemptiblePrefillOptions
  readonly #prompt: ApartPrompt
  readonly #turns: Turns
  /** There was no memory for them, or no room for their results: they go the ordinary way. */
  readonly #refused = new WeakSet<Generation>()
  #endedAt = Number.NEGATIVE_INFINITY
  #computing: Generation | null = null

  constructor(options: PreemptiblePrefillOptions) {
    this.#options = options
    this.#prompt = new ApartPrompt({ common: options.context, create: options.createApart ?? (() => null) })
    this.#turns = createTurns(options.now())
  }

  /** Whose batch is being computed: in the middle of it nothing may happen to its stream. */
  get computing(): Generation | null {
    return this.#computing
  }

  /** Whose prompt is here, as far as it is computed. */
  get stream(): Generation | null {
    return this.#prompt.stream
  }

  get done(): number {
    return this.#prompt.done
  }

  /** Has the logits of a prompt's last row until it is closed. */
  get context(): NativeContext {
    return this.#prompt.context
  }

  /** Whose prompt is computed here, and not in the common context. What was here of another goes over to that. Null: nobody's. */
  choose(able: readonly Generation[]): Generation | null {
    const { createApart, pace } = this.#options
    if (createApart === null) return null
    const current = this.stream
    const chosen = chooseApart(
      able.filter((stream) => !this.#refused.has(stream)),
      {
        current,
        rowsOf: (stream) => this.#prompt.remainingOf(stream),
        msPerRow: pace.msPerRow,
        targetMs: PREFILL_TARGET_MS,
      },
    )
    if (current !== null && current !== chosen && !current.paused) this.close()
    if (chosen === null) this.#prompt.release()
    // One that waits for its reader keeps its place.
    if (chosen === null || (this.stream !== null && this.stream !== chosen)) return null
    if (this.#prompt.open(chosen)) return chosen
    this.#refused.add(chosen)
    return null
  }

  /** Is it time for its next batch? Short prompts come first, for as long as a batch takes at most. */
  isDue(able: readonly Generation[]): boolean {
    const { pace, now } = this.#options
    const isShort = (stream: Generation) =>
      stream !== this.stream && stream.promptRows > 0 && !isLong(stream.promptRows, pace.msPerRow)
    return !able.some(isShort) || now() - this.#endedAt >= BATCH_MS
  }

  /** Decodes the next rows of the chosen one. When they are `done` they count, see `done`. */
  decode(stream: Generation): { readonly result: DecodeResult; readonly batch: BatchRow } {
    const { timed, pace, now } = this.#options
    const { context, done } = this.#prompt
    context.clear()
    const { msPerRow } = pace
    const rows = promptBatchRows(stream.tokens.length - done, {
      msPerRow,
      batchMs: timed.batchMs,
      capacity: context.rowCapacity,
    })
    const batch = addRows(context, { stream, sequence: 0, from: done, rows })
    context.setAdapters(stream.adapters)
    this.#computing = stream
    try {
      const result = timed.decodeApart({
        context,
        depth: done,
        threadsForTurns: (threads) => this.#prompt.threadsForTurns(threads),
        onNode: () => this.#onNode(stream),
      })
      if (result === "done") this.#prompt.advance(rows)
      else if (result === "aborted") this.#prompt.rewind()
      else this.#prompt.close()
      return { result, batch }
    } finally {
      this.#computing = null
      this.#endedAt = now()
    }
  }

  /**
   * What is computed goes over to the common context, and stays here. False: there is no room for it, and the stream's sequence holds nothing
   * any more.
   */
  land(): boolean {
    if (this.#prompt.land() || (this.#options.makeRoom() && this.#prompt.land())) return true
    if (this.stream !== null) this.#refused.add(this.stream)
    return false
  }

  /** Lands, and makes room for another prompt. */
  close(): void {
    if (this.stream !== null) this.land()
    this.#prompt.close()
  }

  /** Gives the memory back, when nothing more is to be computed for now. */
  release(): void {
    this.#prompt.release()
  }

  #onNode(stream: Generation): boolean {
    const { now, onBatchTick, isCancelled, takeTurn } = this.#options
    onBatchTick()
    const startedAt = now()
    if (this.#turns.isDue(startedAt)) {
      takeTurn()
      this.#turns.record(startedAt, now())
    }
    return isCancelled(stream.requestId)
  }
}

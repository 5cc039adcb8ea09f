// A long prompt that is computed in a context of its own while others read their answers. Its graph stops between two nodes for their steps,
// which a batch of the common context cannot: there they wait for whole blocks of it. What was computed goes over to the common context as
// the bytes of its state, bit for bit.
import type { Generation } from "../generation.ts"
import type { NativeContext } from "../native/context.ts"
import { extend, truncate } from "../prefix/sequence.ts"

export interface ApartContext extends Disposable {
  readonly cells: number
  /** One sequence. Gives and takes the states of the common context. */
  readonly context: NativeContext
  /** How many threads others' steps may have in the middle of its decode, of so many. */
  threadsForTurns(threads: number): number
}

export interface ApartPromptOptions {
  /** The context that all streams share. */
  readonly common: Pick<NativeContext, "saveState" | "restoreState" | "releaseState">
  /** A context with so many cells at least. Throws, or null, where there is no memory for it. */
  readonly create: (cells: number) => ApartContext | null
}

interface Opened {
  readonly stream: Generation
  readonly apart: ApartContext
  /** Tokens of the prompt that are computed. */
  done: number
}

export class ApartPrompt {
  readonly #options: ApartPromptOptions
  #opened: Opened | null = null
  /** Of the last prompt, for the next. */
  #spare: ApartContext | null = null

  constructor(options: ApartPromptOptions) {
    this.#options = options
  }

  /** Whose prompt it is. Null: none is open. */
  get stream(): Generation | null {
    return this.#opened?.stream ?? null
  }

  /** Tokens that are not computed yet, of a prompt that may be the one. */
  remainingOf(stream: Generation): number {
    return this.stream === stream ? stream.tokens.length - this.#require().done : stream.pending
  }

  /** Takes what the stream's sequence holds. False: there is no memory for it, and nothing has changed. */
  open(stream: Generation): boolean {
    if (this.stream === stream) return true
    if (stream.sequence === null || this.#opened !== null) return false
    const apart = this.#takeContext(stream.tokens.length)
    if (apart === null) return false
    const done = stream.sequence.tokens.length
    const { common } = this.#options
    const state = done === 0 ? null : common.saveState(stream.sequence.id)
    if (done > 0 && (state === null || !apart.context.restoreState(0, state))) {
      apart[Symbol.dispose]()
      return false
    }
    if (state !== null) common.releaseState(state)
    this.#opened = { stream, apart, done }
    return true
  }

  get context(): NativeContext {
    return this.#require().apart.context
  }

  get done(): number {
    return this.#require().done
  }

  threadsForTurns(threads: number): number {
    return this.#require().apart.threadsForTurns(threads)
  }

  /** So many more tokens were computed. */
  advance(rows: number): void {
    this.#require().done += rows
  }

  /** Forgets what a batch that did not end left behind. */
  rewind(): void {
    const { apart, done } = this.#require()
    if (!apart.context.cut(0, done)) this.close()
  }

  /**
   * Gives the stream's sequence what was computed; it stays here too. False: the common context has no room, and the sequence holds nothing
   * any more.
   */
  land(): boolean {
    const { stream, apart, done } = this.#require()
    const { sequence, tokens } = stream
    if (sequence === null) return false
    if (sequence.tokens.length === done) return true
    const state = apart.context.saveState(0)
    const isTaken = state !== null && this.#options.common.restoreState(sequence.id, state)
    if (state !== null) apart.context.releaseState(state)
    if (!isTaken) {
      truncate(sequence, 0)
      return false
    }
    extend(sequence, tokens.slice(sequence.tokens.length, done))
    return true
  }

  /** The memory stays for the next prompt, see `release`. */
  close(): void {
    if (this.#opened === null) return
    this.#spare = this.#opened.apart
    this.#opened = null
  }

  /** No other prompt is there: gives the memory back. */
  release(): void {
    this.#spare?.[Symbol.dispose]()
    this.#spare = null
  }

  #takeContext(cells: number): ApartContext | null {
    const spare = this.#spare
    if (spare !== null && spare.cells >= cells) {
      this.#spare = null
      spare.context.clearMemory()
      return spare
    }
    this.release()
    return attempt(() => this.#options.create(cells))
  }

  #require(): Opened {
    if (this.#opened === null) throw new Error("no prompt is computed apart")
    return this.#opened
  }
}

function attempt<T>(create: () => T | null): T | null {
  try {
    return create()
  } catch {
    // Without memory for it the prompt is computed in the ordinary way.
    return null
  }
}

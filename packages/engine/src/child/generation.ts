// One running stream inside the child: its tokens, its sampler, and the way from a token to text that may be shown.
import type { TokenLogprob } from "@fireside/protocol"
import { tokenLogprob } from "./log-probabilities.ts"
import type { Delta, StreamEnd } from "./messages.ts"
import type { AdapterSet } from "./native/adapters.ts"
import type { NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"
import type { TokenSampler } from "./native/sampler.ts"
import type { Sequence } from "./prefix/sequence.ts"
import type { DraftableStream } from "./speculation/drafting.ts"
import type { PlannableStream } from "./step-planner.ts"
import { createStopScanner, type StopScanner } from "./stop-scanner.ts"
import { createUtf8Decoder, type Utf8Decoder } from "./utf8-decoder.ts"

export interface GenerationOptions {
  readonly requestId: number
  readonly prompt: readonly number[]
  readonly sampler: TokenSampler
  readonly adapters: AdapterSet
  readonly stop: readonly string[]
  readonly maxTokens: number
  readonly contextLength: number
  /** Undefined: no log-probabilities. */
  readonly topLogprobs?: number
  readonly cachePrompt: boolean
  readonly cacheOwner?: string
  /** What the computed prefix goes with. */
  readonly cacheLabel?: string
  /** May what is computed be written to disk? Defaults to true. */
  readonly cacheOnDisk?: boolean
  /** How many tokens of the prompt, from the first, are system prompt and template. Defaults to 0. */
  readonly sharedTokens?: number
  /** The prompt's results are kept until their label is forgotten; hears their bytes, 0 when there was no room. Nothing else is told. */
  readonly onPinned?: (bytes: number) => void
  /** The same request is to give the same text again: nothing is reused, and nothing adapted, that changes a bit of it. */
  readonly isRepeatable: boolean
  /** Texts of control tokens that are part of the answer's format and must be kept. */
  readonly markers: ReadonlySet<string>
  /** Take guesses of its next tokens. Defaults to true. */
  readonly speculate?: boolean
  /** Go on past the end: for measuring. */
  readonly ignoreEnd: boolean
  readonly startedAtMs: number
}

export type Ending = Pick<StreamEnd, "reason" | "stopString">

export interface Advance {
  readonly delta: Delta | null
  readonly end: Ending | null
}

/** Rows of a batch that was just decoded. */
export interface AdvanceRows {
  /** The row of the stream's last token. */
  readonly row: number
  /** Guessed tokens, whose rows follow. */
  readonly draft: readonly number[]
  readonly nowMs: number
}

export class Generation implements PlannableStream, DraftableStream, Disposable {
  readonly requestId: number
  readonly adapters: AdapterSet
  readonly cachePrompt: boolean
  readonly promptLength: number
  /** Prompt and answer. */
  readonly tokens: number[]
  /** The sequence that it runs in; null while it waits for one. */
  sequence: Sequence | null = null
  deficit = 0
  paused = false
  firstTokenAtMs = 0
  lastTokenAtMs = 0
  #cachedTokens = 0
  #draftedTokens = 0
  #acceptedTokens = 0
  readonly #options: GenerationOptions
  readonly #decoder: Utf8Decoder = createUtf8Decoder()
  readonly #scanner: StopScanner
  #logprobs: TokenLogprob[] = []

  constructor(options: GenerationOptions) {
    this.requestId = options.requestId
    this.adapters = options.adapters
    this.cachePrompt = options.cachePrompt
    this.promptLength = options.prompt.length
    this.tokens = [...options.prompt]
    this.#options = options
    this.#scanner = createStopScanner(options.stop)
    const { lookBack } = options.sampler
    for (const token of lookBack === 0 ? [] : options.prompt.slice(-lookBack)) options.sampler.observe(token)
  }

  get cacheOwner(): string | undefined {
    return this.#options.cacheOwner
  }

  get cacheOnDisk(): boolean {
    return this.#options.cacheOnDisk ?? true
  }

  get cacheLabel(): string | undefined {
    return this.#options.cacheLabel
  }

  get sharedTokens(): number {
    return this.#options.sharedTokens ?? 0
  }

  /** Undefined: a generation like any other. */
  get onPinned(): ((bytes: number) => void) | undefined {
    return this.#options.onPinned
  }

  get isRepeatable(): boolean {
    return this.#options.isRepeatable
  }

  /** A guess is of use as long as one more token may follow it, and its own place is in the context. */
  get draftLimit(): number {
    const { maxTokens, contextLength, speculate = true } = this.#options
    if (!speculate || !this.hasStarted) return 0
    return Math.max(0, Math.min(maxTokens - this.generated - 1, contextLength - this.tokens.length))
  }

  get adapterKey(): string {
    return this.adapters.key
  }

  /** Tokens that the context does not hold yet. */
  get pending(): number {
    return this.tokens.length - (this.sequence?.tokens.length ?? 0)
  }

  /** One pending token is a decode row, also when it is the last of a prompt. */
  get promptRows(): number {
    return this.pending === 1 ? 0 : this.pending
  }

  /** Its prompt goes on being computed, unless it waits for its reader. */
  get isComputingPrompt(): boolean {
    return this.promptRows > 0 && !this.paused
  }

  get hasStarted(): boolean {
    return this.tokens.length > this.promptLength
  }

  get generated(): number {
    return this.tokens.length - this.promptLength
  }

  start(sequence: Sequence, cachedTokens: number): void {
    this.sequence = sequence
    this.#cachedTokens = cachedTokens
  }

  /**
   * Takes the next tokens: one from the row of the last token, and another from the row of each guess that was right. Rows are looked
   * at in order, and none after a wrong guess or the end, so that the sampler sees what it would see without guesses.
   */
  advance(
    context: NativeContext,
    model: NativeModel,
    { row, draft, nowMs }: AdvanceRows,
  ): Advance & { readonly accepted: number } {
    this.#draftedTokens += draft.length
    let { delta, end } = this.#takeToken(context, model, row, nowMs)
    let accepted = 0
    while (end === null && accepted < draft.length && this.tokens.at(-1) === draft[accepted]) {
      accepted += 1
      const next = this.#takeToken(context, model, row + accepted, nowMs)
      delta = joined(delta, next.delta)
      end = next.end
    }
    this.#acceptedTokens += accepted
    return { delta, end, accepted }
  }

  #takeToken(context: NativeContext, model: NativeModel, row: number, nowMs: number): Advance {
    if (this.#options.maxTokens === 0) return this.#finish({ reason: "length" }, "")
    const token = this.#options.sampler.sample(context, row)
    if (!this.hasStarted) this.firstTokenAtMs = nowMs
    this.lastTokenAtMs = nowMs
    // A grammar that allows nothing any more has reached its end in a vocabulary without an end token.
    if (token === null) return this.#finish({ reason: "stop" }, "")
    if (!this.#options.ignoreEnd && model.isEndOfGeneration(token))
      return this.#finish({ reason: "stop" }, "")
    this.tokens.push(token)
    const { topLogprobs } = this.#options
    if (topLogprobs !== undefined)
      this.#logprobs.push(
        tokenLogprob(context.logits(row), {
          token,
          top: topLogprobs,
          bytesOf: (id) => model.piece(id, true),
        }),
      )
    const { text, stop } = this.#scanner.push(this.#decoder.push(this.#bytesOf(model, token)))
    if (stop !== null)
      return { delta: this.#delta(text, text !== ""), end: { reason: "stop", stopString: stop } }
    const isFull =
      this.generated >= this.#options.maxTokens || this.tokens.length > this.#options.contextLength
    if (isFull) return this.#finish({ reason: "length" }, text)
    return { delta: this.#delta(text, true), end: null }
  }

  toEnd(ending: Ending): StreamEnd {
    return {
      requestId: this.requestId,
      ...ending,
      usage: {
        promptTokens: this.promptLength,
        cachedTokens: this.#cachedTokens,
        completionTokens: this.generated,
      },
      prefillMs: Math.max(0, this.firstTokenAtMs - this.#options.startedAtMs),
      decodeMs: this.lastTokenAtMs - this.firstTokenAtMs,
      draftedTokens: this.#draftedTokens,
      acceptedTokens: this.#acceptedTokens,
    }
  }

  [Symbol.dispose](): void {
    this.#options.sampler[Symbol.dispose]()
  }

  #bytesOf(model: NativeModel, token: number): Uint8Array {
    const shown = model.piece(token, false)
    if (shown.length > 0 || this.#options.markers.size === 0) return shown
    const marker = model.piece(token, true)
    return this.#options.markers.has(Buffer.from(marker).toString()) ? marker : shown
  }

  #finish(ending: Ending, text: string): Advance {
    // Bytes held back by the decoder may complete a stop string, but not one that has been seen whole.
    const last = this.#scanner.push(this.#decoder.end())
    const rest = last.stop === null ? this.#scanner.end() : ""
    return { delta: this.#delta(text + last.text + rest, true), end: ending }
  }

  #delta(text: string, withLogprobs: boolean): Delta | null {
    const logprobs = withLogprobs ? this.#logprobs : []
    this.#logprobs = []
    if (text === "" && logprobs.length === 0) return null
    return { requestId: this.requestId, text, ...(logprobs.length === 0 ? {} : { logprobs }) }
  }
}

function joined(first: Delta | null, second: Delta | null): Delta | null {
  if (first === null || second === null) return first ?? second
  const logprobs = [...(first.logprobs ?? []), ...(second.logprobs ?? [])]
  return {
    requestId: first.requestId,
    text: first.text + second.text,
    ...(logprobs.length === 0 ? {} : { logprobs }),
  }
}

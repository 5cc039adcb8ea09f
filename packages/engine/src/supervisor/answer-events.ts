// What the child says about one request → chat events: the parser of the answer's format, and the times.
import type { ChatEvent, TokenLogprob, ToolDefinition } from "@fireside/protocol"
import type { StreamEnd } from "../child/messages.ts"
import { createOutputParser, type OutputParser, type ParsedPiece } from "../parse/output-parser.ts"

export interface AnswerOptions {
  readonly tools?: readonly ToolDefinition[]
  readonly think?: boolean
  /** When the request came. Monotonic, milliseconds. */
  readonly startedAtMs: number
  /** Of that, time to load the model. */
  readonly loadMs: number
  readonly now: () => number
  /** The model was loaded in deterministic mode. Defaults to false. */
  readonly deterministic?: boolean
}

export class AnswerEvents {
  readonly #options: AnswerOptions
  #parser: OutputParser | null = null
  #firstAtMs: number | null = null
  #calledTool = false
  /** Log-probabilities of tokens whose text the parser still holds. */
  #logprobs: TokenLogprob[] = []

  constructor(options: AnswerOptions) {
    this.#options = options
  }

  /** Before any text; null: the text is the answer. */
  expect(parser: { readonly template: string; readonly promptTail: string } | null): void {
    const { tools, think } = this.#options
    this.#parser =
      parser &&
      createOutputParser({
        ...parser,
        ...(tools === undefined ? {} : { tools }),
        ...(think === undefined ? {} : { think }),
      })
  }

  push(text: string, logprobs: readonly TokenLogprob[]): readonly ChatEvent[] {
    this.#logprobs.push(...logprobs)
    if (this.#parser !== null) return this.#emit(this.#parser.push(text))
    return this.#emit(text === "" && logprobs.length === 0 ? [] : [{ type: "text-delta", text }])
  }

  /** The last events: what was held back, and `finish`. */
  end(end: StreamEnd): readonly ChatEvent[] {
    const rest = [...this.#emit(this.#parser?.end() ?? [])]
    if (this.#logprobs.length > 0) rest.push(...this.#emit([{ type: "text-delta", text: "" }]))
    const { startedAtMs, loadMs, now } = this.#options
    const { usage, prefillMs, decodeMs, draftedTokens, acceptedTokens } = end
    const endedAtMs = now()
    return [
      ...rest,
      {
        type: "finish",
        reason: this.#calledTool && end.reason === "stop" ? "tool-calls" : end.reason,
        ...(end.stopString === undefined ? {} : { stopString: end.stopString }),
        usage,
        timings: {
          loadMs,
          ttftMs: (this.#firstAtMs ?? endedAtMs) - startedAtMs,
          prefillTokensPerSecond: perSecond(usage.promptTokens - usage.cachedTokens, prefillMs),
          decodeTokensPerSecond: perSecond(usage.completionTokens - 1, decodeMs),
          totalMs: endedAtMs - startedAtMs,
          draftedTokens,
          acceptedTokens,
        },
        ...(this.#options.deterministic === true ? { deterministic: true as const } : {}),
      },
    ]
  }

  #emit(pieces: readonly ParsedPiece[]): readonly ChatEvent[] {
    if (pieces.length > 0) this.#firstAtMs ??= this.#options.now()
    return pieces.map((piece) => {
      if (piece.type === "tool-call-start") this.#calledTool = true
      if (piece.type !== "text-delta" || this.#logprobs.length === 0) return piece
      const logprobs = this.#logprobs
      this.#logprobs = []
      return { ...piece, logprobs }
    })
  }
}

function perSecond(tokens: number, ms: number): number {
  return tokens <= 0 || ms <= 0 ? 0 : (tokens / ms) * 1_000
}

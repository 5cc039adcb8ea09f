// An engine without weights: it answers with the last user message. For `--engine echo`, tests and the gateway's benchmark.
// Everything that a model promises is kept, with real tokens, limits, grammars, tool calls and timings.
import { randomUUID } from "node:crypto"
import { setImmediate, setTimeout } from "node:timers/promises"
import type { LoadPlan } from "@fireside/fit"
import { AppError, type ChatEvent, toErrorBody } from "@fireside/protocol"
import { tokenEnds } from "./child/token-ends.ts"
import { cutAnswer, type EchoAnswer, echoOf, textDelta } from "./echo-answer.ts"
import {
  countEcho,
  ECHO_BOS,
  ECHO_CONTROL_TEXTS,
  echoTokenBytes,
  embedEcho,
  tokenizeEcho,
} from "./echo-tokens.ts"
import type {
  Embeddings,
  Engine,
  GenerateOptions,
  Model,
  ModelFacts,
  ModelFile,
  Prompt,
  RenderedPrompt,
} from "./engine.ts"
import { checkGbnf } from "./grammar/check-gbnf.ts"
import { compileConstraint } from "./grammar/compile-constraint.ts"
import { GENERATED_GBNF_LIMITS } from "./grammar/gbnf-builder.ts"
import { shortestText } from "./grammar/match-gbnf.ts"
import { createOutputParser, type ParsedPiece } from "./parse/output-parser.ts"
import { type PromptSegment, renderChat } from "./template/render-chat.ts"

export type { EchoAnswer }

/** Time as the engine sees it. */
export interface EchoClock {
  /** Milliseconds that only grow. */
  now(): number
  /** Resolves after the time, or as soon as the signal aborts. Zero lets other work run. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export interface EchoEngineOptions {
  /** Tokens a second of each stream. Defaults to as fast as it goes. */
  readonly tokensPerSecond?: number
  readonly clock?: EchoClock
  /** Length of the vectors of `embed`. Defaults to 64. */
  readonly embeddingLength?: number
  /** Replaces the echo; undefined leaves it. Formats and demanded tool calls come before it. */
  readonly answer?: (prompt: Prompt, options: GenerateOptions) => EchoAnswer | undefined
}

const SYSTEM_CLOCK: EchoClock = {
  now: () => performance.now(),
  async wait(ms, signal) {
    if (ms <= 0) return setImmediate()
    // An abort ends the wait; the stream looks at the signal itself.
    await setTimeout(ms, undefined, { signal }).catch(() => undefined)
  },
}

/** Between tokens without a wait, other work gets its turn this often. */
const TOKENS_PER_TURN = 16
const DEFAULT_EMBEDDING_LENGTH = 64
/** What the tools and the reasoning are parsed by: nothing is rendered through it. */
const ECHO_TEMPLATE = "<|im_start|> {{ tools }} <tool_call></tool_call> <|im_end|>"

export function createEchoEngine(options: EchoEngineOptions = {}): Engine {
  return {
    async load(file, plan, signal) {
      if (signal.aborted) throw new AppError("interrupted", { message: "The loading was stopped." })
      return new EchoModel(file, plan, options)
    },
  }
}

/** A class because it is closed. */
class EchoModel implements Model {
  readonly facts: ModelFacts
  readonly #template: string | undefined
  readonly #options: EchoEngineOptions
  readonly #clock: EchoClock
  readonly #deterministic: boolean
  #closed = false
  #running = 0

  constructor(file: ModelFile, plan: LoadPlan, options: EchoEngineOptions) {
    this.#template = file.template
    this.#options = options
    this.#deterministic = plan.deterministic ?? false
    this.#clock = options.clock ?? SYSTEM_CLOCK
    this.facts = {
      name: file.name,
      architecture: "echo",
      vocabularySize: 256 ** 5,
      embeddingLength: options.embeddingLength ?? DEFAULT_EMBEDDING_LENGTH,
      trainedContextLength: plan.contextLength,
      contextLength: plan.contextLength,
      streams: plan.streams,
      sizeBytes: 0,
      hasChatTemplate: true,
      canInfill: true,
      canEmbed: true,
      processor: "echo",
      devices: [],
      libraryVersion: "echo",
      loadMs: 0,
      pid: 0,
    }
  }

  async *generate(prompt: Prompt, options: GenerateOptions, signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const mode = this.#deterministic ? { deterministic: true as const } : {}
    yield { type: "start", model: this.facts.name, id: options.id ?? randomUUID(), ...mode }
    this.#running += 1
    try {
      yield* this.#stream(prompt, options, signal)
    } catch (cause) {
      yield { type: "error", ...toErrorBody(cause) }
    } finally {
      this.#running -= 1
    }
  }

  async *#stream(prompt: Prompt, options: GenerateOptions, signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const startedAt = this.#clock.now()
    this.#mustBeOpen()
    const promptTokens = countPrompt(this.#segments(prompt))
    const { contextLength } = this.facts
    if (promptTokens >= contextLength)
      throw new AppError("context-overflow", {
        message: `The prompt has ${promptTokens} tokens, the context ${contextLength}.`,
        hint: "Shorten the conversation, or load the model with a longer context.",
        details: { promptTokens, contextLength },
      })
    const answer = this.#answer(prompt, options)
    const room = Math.min(options.maxTokens ?? Number.POSITIVE_INFINITY, contextLength - promptTokens)
    const output = cutAnswer(answer, room, options.stop ?? [])
    const parser = parserFor(prompt, options)
    const waitMs = this.#options.tokensPerSecond === undefined ? 0 : 1000 / this.#options.tokensPerSecond
    yield { type: "prompt-progress", doneTokens: 0, totalTokens: promptTokens }
    let firstAt = startedAt
    let called = false
    for (let i = 0; i < output.tokens.length; i += 1) {
      if (waitMs > 0 || (i + 1) % TOKENS_PER_TURN === 0) await this.#clock.wait(waitMs, signal)
      if (signal.aborted) throw new AppError("interrupted", { message: "The answer was stopped." })
      this.#mustBeOpen()
      if (i === 0) firstAt = this.#clock.now()
      const text = output.tokens[i] ?? ""
      if (i < output.reasoningTokens) yield { type: "reasoning-delta", text }
      else if (parser === undefined) yield textDelta(text, options.topLogprobs)
      else
        for (const piece of parser.push(text)) {
          called ||= piece.type === "tool-call-start"
          yield withLogprobs(piece, options.topLogprobs)
        }
    }
    for (const piece of parser?.end() ?? []) yield withLogprobs(piece, options.topLogprobs)
    if (signal.aborted) throw new AppError("interrupted", { message: "The answer was stopped." })
    const endedAt = this.#clock.now()
    const decodeMs = endedAt - firstAt
    yield {
      type: "finish",
      reason: called && output.reason === "stop" ? "tool-calls" : output.reason,
      ...(output.stopString === undefined ? {} : { stopString: output.stopString }),
      usage: { promptTokens, cachedTokens: 0, completionTokens: output.tokens.length },
      timings: {
        loadMs: 0,
        ttftMs: firstAt - startedAt,
        prefillTokensPerSecond: perSecond(promptTokens, firstAt - startedAt),
        decodeTokensPerSecond: perSecond(output.tokens.length, decodeMs),
        totalMs: endedAt - startedAt,
      },
      ...(this.#deterministic ? { deterministic: true as const } : {}),
    }
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Embeddings> {
    this.#mustBeOpen()
    signal.throwIfAborted()
    return {
      vectors: texts.map((text) => embedEcho(text, this.facts.embeddingLength)),
      // Each text has a bos.
      promptTokens: texts.reduce((sum, text) => sum + countEcho(text) + 1, 0),
    }
  }

  async tokenize(text: string, options: { special: boolean; addBos: boolean }): Promise<readonly number[]> {
    this.#mustBeOpen()
    const tokens = tokenizeEcho(text, options.special)
    return options.addBos ? [ECHO_BOS, ...tokens] : tokens
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    this.#mustBeOpen()
    return Buffer.concat(
      tokens.map((token) => {
        const bytes = echoTokenBytes(token)
        if (bytes === undefined)
          throw new AppError("bad-request", { message: `${token} is not a token of this model.` })
        return bytes
      }),
    ).toString()
  }

  async render(prompt: Prompt): Promise<RenderedPrompt> {
    this.#mustBeOpen()
    const segments = this.#segments(prompt)
    const pieces = segments.map((segment) => ({
      segment,
      tokens: tokenizeEcho(segment.text, segment.special),
    }))
    return {
      text: segments.map((segment) => segment.text).join(""),
      tokens: pieces.flatMap(({ tokens }) => tokens),
      fromTemplate: pieces.flatMap(({ segment, tokens }) => tokens.map(() => segment.kind === "template")),
      kinds: pieces.flatMap(({ segment, tokens }) => tokens.map(() => segment.kind)),
      ends: tokenEnds(
        segments.map((segment) => segment.text).join(""),
        pieces.flatMap(({ tokens }) => tokens.map((token) => echoTokenBytes(token) ?? Buffer.alloc(0))),
      ),
    }
  }

  activity(): { streams: number; queued: number; threads: number } {
    return { streams: this.#running, queued: 0, threads: 0 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
  }

  #mustBeOpen(): void {
    if (this.#closed)
      throw new AppError("engine-crashed", { message: `The model \`${this.facts.name}\` was closed.` })
  }

  #answer(prompt: Prompt, options: GenerateOptions): EchoAnswer {
    const think =
      prompt.type === "chat" && prompt.think === true ? { reasoning: "The message comes back as it is." } : {}
    const constraint = compileConstraint({
      ...options,
      ...(prompt.type === "chat" && prompt.tools !== undefined ? { tools: prompt.tools } : {}),
      template: ECHO_TEMPLATE,
      promptTail: "",
    })
    if (constraint !== null)
      return { text: shortestText(checkGbnf(constraint.gbnf, GENERATED_GBNF_LIMITS)), ...think }
    return this.#options.answer?.(prompt, options) ?? { text: echoOf(prompt), ...think }
  }

  #segments(prompt: Prompt): readonly PromptSegment[] {
    switch (prompt.type) {
      case "chat":
        return this.#template === undefined ? chatSegments(prompt) : this.#rendered(prompt, this.#template)
      case "plain":
        return [{ text: prompt.text, special: false, kind: "user" }]
      case "rendered":
        return [{ text: prompt.text, special: true, kind: "template" }]
      case "tokens":
        return prompt.tokens.map((token) => ({
          text: echoTokenBytes(token)?.toString() ?? "",
          special: true,
          kind: "user",
        }))
      case "infill":
        return [{ text: prompt.prefix + prompt.suffix, special: false, kind: "user" }]
      default:
        return prompt satisfies never
    }
  }

  #rendered(prompt: Extract<Prompt, { type: "chat" }>, template: string): readonly PromptSegment[] {
    return renderChat({
      ...prompt,
      template,
      bosToken: "",
      eosToken: "<|im_end|>",
      specialTokens: ECHO_CONTROL_TEXTS,
    })
  }
}

/** ChatML, written out by hand: the benchmark's requests must not pay for a template. */
function chatSegments(prompt: Extract<Prompt, { type: "chat" }>): PromptSegment[] {
  const segments: PromptSegment[] = []
  const template = (text: string): void => void segments.push({ text, special: true, kind: "template" })
  for (const message of prompt.messages) {
    template(`<|im_start|>${message.role}\n`)
    segments.push({ text: message.content, special: false, kind: message.role })
    template("<|im_end|>\n")
  }
  if (prompt.continueLast === true) segments.pop()
  else template("<|im_start|>assistant\n")
  return segments
}

const countPrompt = (segments: readonly PromptSegment[]): number =>
  segments.reduce((sum, segment) => sum + countEcho(segment.text), 0)

function parserFor(
  prompt: Prompt,
  options: GenerateOptions,
): ReturnType<typeof createOutputParser> | undefined {
  if (prompt.type !== "chat" || (prompt.tools?.length ?? 0) === 0 || options.toolChoice === "none")
    return undefined
  return createOutputParser({ template: ECHO_TEMPLATE, tools: prompt.tools ?? [], promptTail: "" })
}

const withLogprobs = (piece: ParsedPiece, top: number | undefined): ChatEvent =>
  piece.type === "text-delta" ? textDelta(piece.text, top) : piece

const perSecond = (tokens: number, ms: number): number => (ms > 0 ? (tokens / ms) * 1000 : 0)

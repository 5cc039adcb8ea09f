// The child's side of the conversation with its parent: takes messages, and gives the serving loop its turns.
import { AppError, type ErrorBody, toErrorBody } from "@fireside/protocol"
import type { GenerateOptions, Prompt } from "../engine.ts"
import { Embedder } from "./embedding/embedder.ts"
import { createEmbeddingContext } from "./embedding/embedding-context.ts"
import { type LoadedModel, loadEverything } from "./loaded-model.ts"
import type { FromChild, LoadRequest, Question, ToChild } from "./messages.ts"
import { type ControlPipe, openControlPipe } from "./native/control-pipe.ts"
import { loadLibrary, type NativeLibrary } from "./native/library.ts"
import { locateLibraries } from "./native/library-folder.ts"
import { openGeneration, openPinning } from "./open-generation.ts"
import { requireBytes } from "./prompt-tokens.ts"
import { answerQuestion } from "./questions.ts"
import type { Serving } from "./serving.ts"
import { STEPS_MS } from "./step-planner.ts"

/** First of the extra pipes that the parent opens. */
const CONTROL_FD = 4
const TICK_MS = 20
const ALIVE_MS = 1_000
const PROGRESS_MS = 100
/** So long without work, and computed prefixes are written to disk: nobody waits for it then. */
const IDLE_MS = 1_000
const LOADING = -1

export interface SessionOptions {
  readonly send: (message: FromChild) => void
  /** Ends the process at once, also in the middle of a native call. */
  readonly exit: () => void
  /** Has the parent said something that was not handled yet? Null: nobody knows before the event loop has turned. */
  readonly hasMessage: (() => boolean) | null
}

export class Session {
  readonly #options: SessionOptions
  #library: NativeLibrary | null = null
  #loaded: LoadedModel | null = null
  #serving: Serving | null = null
  #embedder: Embedder | null = null
  #control: ControlPipe | null | undefined
  /** Requests that were not answered to the end yet. */
  readonly #live = new Set<number>()
  readonly #cancelled = new Set<number>()
  readonly #hooks = {
    isCancelled: (requestId: number) => this.#cancelled.has(requestId),
    onBatchTick: () => this.#tick(),
  }
  #latestRequest = 0
  /** Requests that need turns of the event loop: their prompts are being cut into tokens, or a question is being answered. */
  #preparing = 0
  #scheduled = false
  #isMeasuring = false
  #tickAt = 0
  #progressAt = 0
  #idleTimer: NodeJS.Timeout | undefined
  #aliveTimer: NodeJS.Timeout | undefined
  #sentAt = 0

  constructor(options: SessionOptions) {
    this.#options = options
  }

  handle(message: ToChild): void {
    switch (message.type) {
      case "prepare":
        this.#attempt(() => void this.#prepare(message.libraryFolder))
        break
      case "load":
        this.#attempt(() => this.#load(message.load))
        break
      case "generate":
        this.#accept(message.requestId)
        void this.#generate(message.requestId, message.prompt, message.options)
        break
      case "ask":
        this.#accept(message.requestId)
        void this.#answer(message.requestId, message.question)
        break
      case "cancel":
        this.#readControl()
        this.#cancel(message.requestId)
        this.#schedule()
        break
      case "forget":
        this.#serving?.forget(message.wish)
        break
      case "pause":
      case "resume":
        this.#serving?.setPaused(message.requestId, message.type === "pause")
        this.#schedule()
        break
      default:
        message satisfies never
    }
  }

  #prepare(folder: string | undefined): NativeLibrary {
    if (this.#library !== null) return this.#library
    const library = loadLibrary(locateLibraries(folder === undefined ? {} : { folder }))
    this.#library = library
    const { version, build, systemInfo, devices, notices } = library
    this.#send({ type: "ready", version, build, systemInfo, devices, notices })
    return library
  }

  #load(request: LoadRequest): void {
    const library = this.#prepare(undefined)
    const loaded = loadEverything(library, request, {
      onProgress: (fraction) => this.#tellProgress(fraction),
      report: (message, details) => this.#send({ type: "log", message, details }),
    })
    this.#loaded = loaded
    if (loaded.model.canGenerate) this.#serving = this.#createServing(loaded)
    const { model, plan, pool } = loaded
    this.#embedder = new Embedder({
      ...this.#hooks,
      model,
      contextLength: Math.min(plan.contextLength, model.trainedContextLength),
      createContext: (rows) => createEmbeddingContext({ library, model, threads: plan.threads, pool }, rows),
      now: () => performance.now(),
    })
    this.#send({ type: "loaded", facts: loaded.facts })
  }

  async #generate(requestId: number, prompt: Prompt, options: GenerateOptions): Promise<void> {
    this.#preparing += 1
    try {
      const serving = this.#requireServing()
      const { generation, prepared } = await openGeneration(
        { requestId, prompt, options },
        this.#requireLoaded(),
        () => this.#yieldTurn(requestId),
      )
      this.#send({
        type: "prompt-ready",
        requestId,
        promptTokens: prepared.tokens.length,
        parser: prepared.parser,
        notices: prepared.notices,
      })
      serving.add(generation)
      this.#schedule()
    } catch (error) {
      this.#fail(requestId, toErrorBody(error))
    } finally {
      this.#preparing -= 1
    }
  }

  async #answer(requestId: number, question: Question): Promise<void> {
    this.#preparing += 1
    try {
      if (question.type === "keep-prefixes") {
        this.#send({ type: "answer", requestId, value: await this.#keepPrefixes(requestId) })
        return
      }
      if (question.type === "pin") {
        await this.#pin(requestId, question)
        return
      }
      if (question.type === "embed") {
        await this.#embed(requestId, question.texts)
        return
      }
      const value = await answerQuestion(question, {
        library: () => this.#prepare(undefined),
        loaded: () => this.#requireLoaded(),
        yieldTurn: () => this.#yieldTurn(requestId),
        onBatchTick: this.#hooks.onBatchTick,
        alone: (work) => this.#alone(work),
      })
      this.#send({ type: "answer", requestId, value })
    } catch (error) {
      this.#fail(requestId, toErrorBody(error))
    } finally {
      this.#preparing -= 1
    }
  }

  /** Writes to disk whatever would be missed, because the process is going to end. Returns how much was written. */
  async #keepPrefixes(requestId: number): Promise<number> {
    let written = 0
    while (this.#serving?.isEmpty === true && this.#serving.storeOne(true)) {
      written += 1
      await this.#yieldTurn(requestId)
    }
    return written
  }

  /** The answer comes when the prompt is computed. */
  async #pin(requestId: number, { prompt, label }: Extract<Question, { type: "pin" }>): Promise<void> {
    const serving = this.#requireServing()
    const onPinned = (tokens: number, bytes: number) =>
      this.#send({ type: "answer", requestId, value: { tokens, bytes } })
    const wish = { requestId, prompt, label, onPinned }
    serving.add(await openPinning(wish, this.#requireLoaded(), () => this.#yieldTurn(requestId)))
    this.#schedule()
  }

  async #embed(requestId: number, texts: readonly string[]): Promise<void> {
    const { facts, plan } = this.#requireLoaded()
    const embedder = this.#embedder
    if (embedder === null || !facts.canEmbed)
      throw new AppError("unsupported", {
        message: "This model was loaded without memory for embeddings.",
        hint: "Load it with `embeddings` on, or use an embedding model.",
      })
    const tokens: (readonly number[])[] = []
    for (const [index, text] of texts.entries()) {
      requireBytes(Buffer.byteLength(text), plan.contextLength)
      tokens.push(embedder.tokenize(text, index))
      if (tokens.length % 64 === 0) await this.#yieldTurn(requestId)
    }
    embedder.add(requestId, tokens)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // After the messages that came during the last step, before the next one.
    setImmediate(() => {
      this.#scheduled = false
      this.#turn()
    })
  }

  #turn(): void {
    if (this.#isMeasuring) return
    clearTimeout(this.#idleTimer)
    const gatherMs = this.#serving?.hasWork === true ? 0 : (this.#embedder?.gatherMs ?? 0)
    if (gatherMs > 0) {
      this.#idleTimer = setTimeout(() => this.#turn(), gatherMs)
      return
    }
    this.#stepEmbedder()
    this.#serving?.dropCancelled()
    this.#step()
    if (this.#serving?.hasWork === true || this.#embedder?.hasWork === true) this.#schedule()
    else this.#idleTimer = setTimeout(() => this.#storeIdle(), IDLE_MS).unref()
  }

  #step(): void {
    const startedAt = performance.now()
    while (this.#serving?.hasWork === true) {
      this.#serving.step()
      const isHeard = this.#options.hasMessage?.() ?? true
      const hasOtherWork = this.#preparing > 0 || this.#embedder?.hasWork === true
      if (isHeard || hasOtherWork || performance.now() - startedAt >= STEPS_MS) break
    }
    this.#serving?.flush()
  }

  /** One prefix after another, with a look at the messages between them. */
  #storeIdle(): void {
    if (this.#scheduled || this.#isMeasuring || this.#serving?.storeOne(false) !== true) return
    this.#idleTimer = setTimeout(() => this.#storeIdle(), 0)
  }

  #stepEmbedder(): void {
    for (const end of this.#embedder?.step() ?? []) {
      const { requestId } = end
      if (end.type === "failed") this.#fail(requestId, end.error)
      else {
        const { vectors, promptTokens } = end
        this.#send({ type: "answer", requestId, value: { vectors, promptTokens } })
      }
    }
  }

  #tellProgress(fraction: number): void {
    this.#tick()
    const now = performance.now()
    if (now - this.#progressAt < PROGRESS_MS) return
    this.#progressAt = now
    this.#send({ type: "load-progress", fraction: Math.min(Math.max(fraction, 0), 1) })
  }

  /** Called from inside native calls that take long. */
  #tick(): void {
    const now = performance.now()
    if (now - this.#tickAt < TICK_MS) return
    this.#tickAt = now
    this.#readControl()
    if (now - this.#sentAt >= ALIVE_MS) this.#send({ type: "alive" })
  }

  #readControl(): void {
    this.#control ??= openControlPipe(CONTROL_FD)
    const news = this.#control?.read()
    if (news === undefined) return
    for (const requestId of news.cancelled) this.#cancel(requestId)
    if (news.closed) this.#options.exit()
  }

  #accept(requestId: number): void {
    this.#live.add(requestId)
    this.#latestRequest = Math.max(this.#latestRequest, requestId)
    this.#aliveTimer ??= setTimeout(() => this.#sayAlive(), ALIVE_MS).unref()
  }

  /** Says that work goes on while a stream waits for its slow reader, or a prompt is being cut into tokens. An idle process sleeps. */
  #sayAlive(): void {
    this.#aliveTimer = undefined
    if (this.#live.size === 0) return
    this.#aliveTimer = setTimeout(() => this.#sayAlive(), ALIVE_MS).unref()
    if (performance.now() - this.#sentAt >= ALIVE_MS) this.#send({ type: "alive" })
  }

  #cancel(requestId: number): void {
    // The pipe may be ahead of the channel, so a request that was never heard of is remembered; one that ended is not.
    if (requestId <= this.#latestRequest && !this.#live.has(requestId)) return
    this.#cancelled.add(requestId)
  }

  #send(message: FromChild): void {
    this.#sentAt = performance.now()
    if (message.type === "failed" || message.type === "answer") this.#forget(message.requestId)
    if (message.type === "step") for (const end of message.ends) this.#forget(end.requestId)
    this.#options.send(message)
  }

  #forget(requestId: number): void {
    this.#live.delete(requestId)
    this.#cancelled.delete(requestId)
  }

  #fail(requestId: number, error: ErrorBody): void {
    this.#send({ type: "failed", requestId, error })
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(LOADING, toErrorBody(error))
    }
  }

  async #yieldTurn(requestId: number): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve))
    if (this.#cancelled.has(requestId))
      throw new AppError("interrupted", { message: "The work was stopped." })
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#requireServing().isEmpty || this.#isMeasuring)
      throw new AppError("model-in-use", { message: "The model is answering; measuring needs it alone." })
    this.#isMeasuring = true
    try {
      return await work()
    } finally {
      this.#isMeasuring = false
      // What the sequences held is gone.
      this.#serving = this.#createServing(this.#requireLoaded())
      this.#schedule()
    }
  }

  #createServing(loaded: LoadedModel): Serving {
    return loaded.createServing({
      ...this.#hooks,
      now: () => performance.now(),
      send: (step) => this.#send(step),
    })
  }

  #requireLoaded(): LoadedModel {
    if (this.#loaded === null) throw new Error("no model is loaded")
    return this.#loaded
  }

  #requireServing(): Serving {
    const loaded = this.#requireLoaded()
    if (this.#serving !== null) return this.#serving
    throw new AppError("unsupported", {
      message: "This model makes embeddings; it cannot write text.",
      hint: "Use a chat model for text.",
      details: { vocabularySize: loaded.facts.vocabularySize },
    })
  }
}

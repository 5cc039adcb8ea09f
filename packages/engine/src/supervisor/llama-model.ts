// One loaded model, whatever happens to its process: requests go to the process of the moment, and after a crash the next
// request starts another.
import { randomUUID } from "node:crypto"
import type { Clock, Log } from "@fireside/host"
import { AppError, CHILD_LIMITS, type ChatEvent, REQUEST_LIMITS, toErrorBody } from "@fireside/protocol"
import type {
  BenchmarkOptions,
  BenchmarkResult,
  ChildModelFacts,
  LoadRequest,
  ScoreOptions,
  TokenScores,
} from "../child/messages.ts"
import type { GenerateOptions, Model, ModelActivity, ModelFacts, Prompt, RenderedPrompt } from "../engine.ts"
import { AnswerEvents } from "./answer-events.ts"
import type { CrashRecord } from "./crash-record.ts"
import { type EngineProcess, interrupted, type ReadyFacts } from "./engine-process.ts"
import { EventQueue } from "./event-queue.ts"
import { checkAdapter } from "./model-check.ts"

/** A reader who takes nothing for so long is not coming back. */
const SLOW_READER_MS = 60_000

export interface LlamaModel extends Model {
  /** Measures with the loop that serves requests. Throws `model-in-use` while the model answers. */
  benchmark(options: BenchmarkOptions, signal: AbortSignal): Promise<BenchmarkResult>
  /**
   * What the model thinks may follow each token of a text. Throws `model-in-use` while it answers, `context-overflow`, `bad-request` for
   * tokens that it does not have.
   */
  score(options: ScoreOptions, signal: AbortSignal): Promise<TokenScores>
  /** What the user should know about how it was loaded. */
  readonly notices: readonly string[]
}

export interface StartedProcess {
  readonly process: EngineProcess
  readonly ready: ReadyFacts
  readonly facts: ChildModelFacts
}

/** How long a model that is unloaded may write computed prefixes to disk. */
const KEEP_MS = 3_000

export interface LlamaModelOptions {
  readonly name: string
  readonly architecture: string
  readonly request: LoadRequest
  readonly first: StartedProcess
  readonly crashes: CrashRecord
  readonly clock: Clock
  readonly log: Log
  /** Computed prefixes are to outlive the process. Defaults to false. */
  readonly keepsPrefixes?: boolean
  /** Starts a process and loads the model into it. */
  readonly start: (signal: AbortSignal) => Promise<StartedProcess>
}

export function createLlamaModel(options: LlamaModelOptions): LlamaModel {
  const { clock, crashes, log, name, request } = options
  const { plan } = request
  let current: StartedProcess = options.first
  let starting: Promise<void> | null = null
  let closed = false
  let generations = 0
  const closing = new AbortController()
  const processListeners: ((isAlive: boolean) => void)[] = []
  const checkedAdapters = new Map<string, Promise<void>>()

  const watch = ({ process }: StartedProcess) => {
    void process.ended.then((end) => {
      if (end.type === "closed") return
      log.warn("engine process ended", {
        model: name,
        pid: process.pid,
        type: end.type,
        reason: end.error.message,
      })
      crashes.add(clock.monotonic(), end.error.message)
      for (const listener of processListeners) listener(false)
    })
  }
  watch(current)

  /** The process of the moment; after a crash a new one, when its time has come. */
  const processNow = async (signal: AbortSignal): Promise<{ process: EngineProcess; loadMs: number }> => {
    if (closed) throw new AppError("interrupted", { message: `${name} was unloaded.` })
    if (current.process.isAlive) return { process: current.process, loadMs: 0 }
    const startedAt = clock.monotonic()
    starting ??= restart().finally(() => {
      starting = null
    })
    // All who wait for it may have left: then nobody hears that it failed.
    starting.catch(() => {})
    await unlessAborted(starting, signal)
    return { process: current.process, loadMs: clock.monotonic() - startedAt }
  }
  const restart = async (): Promise<void> => {
    crashes.requireTrust(clock.monotonic(), name)
    await sleep(clock, crashes.delayMs(clock.monotonic()))
    const started = await options.start(closing.signal)
    // Here, so that it has an owner also when whoever asked for it has left.
    current = started
    watch(started)
    for (const listener of processListeners) listener(true)
  }
  const prepareAdapters = async (wish: GenerateOptions, signal: AbortSignal): Promise<void> => {
    const adapters = wish.adapters ?? []
    if (adapters.length > REQUEST_LIMITS.adapters)
      throw new AppError("bad-request", {
        message: `${adapters.length} adapters; at most ${REQUEST_LIMITS.adapters} can be used at once.`,
      })
    for (const { path } of adapters) {
      const check = checkedAdapters.get(path) ?? checkAdapter(path, signal)
      checkedAdapters.set(path, check)
      await check.catch((cause: unknown) => {
        checkedAdapters.delete(path)
        throw cause
      })
    }
  }

  async function* generate(
    prompt: Prompt,
    wish: GenerateOptions,
    signal: AbortSignal,
  ): AsyncGenerator<ChatEvent, void, void> {
    const startedAtMs = clock.monotonic()
    const mode = plan.deterministic === true ? { deterministic: true as const } : {}
    yield { type: "start", model: name, id: wish.id ?? `gen-${randomUUID()}`, ...mode }
    generations += 1
    let stop = () => {}
    try {
      if (signal.aborted) throw interrupted()
      const { process, loadMs } = await processNow(signal)
      await prepareAdapters(wish, signal)
      if (signal.aborted) throw interrupted()
      const answer = new AnswerEvents({
        ...(prompt.type === "chat" && prompt.tools !== undefined ? { tools: prompt.tools } : {}),
        ...(prompt.type === "chat" && prompt.think !== undefined ? { think: prompt.think } : {}),
        startedAtMs,
        loadMs,
        deterministic: plan.deterministic ?? false,
        now: () => clock.monotonic(),
      })
      const stream = openStream({ process, answer, prompt, wish, signal })
      stop = stream.stop
      yield* stream.events
    } catch (error) {
      yield { type: "error", ...toErrorBody(signal.aborted ? interrupted() : error) }
    } finally {
      generations -= 1
      stop()
    }
  }

  const openStream = ({ process, answer, prompt, wish, signal }: OpenStream) => {
    let slowTimer = { cancel: () => {} }
    const events = new EventQueue({
      onSlow: (slow) => {
        slowTimer.cancel()
        process.setPaused(requestId, slow)
        if (!slow) return
        slowTimer = clock.setTimer(SLOW_READER_MS, () => {
          fail(
            new AppError("interrupted", { message: "Nobody read the answer for a minute; it was stopped." }),
          )
        })
      },
      onFlood: () => process.distrust("text without end though it was told to pause"),
    })
    const fail = (error: unknown) => {
      events.push({ type: "error", ...toErrorBody(error) })
      process.cancel(requestId)
    }
    const requestId = process.open((id) => ({ type: "generate", requestId: id, prompt, options: wish }), {
      onMessage: (message) => {
        switch (message.type) {
          case "prompt-ready":
            answer.expect(message.parser)
            for (const notice of message.notices) events.push({ type: "notice", message: notice })
            // From here on a stream has begun: the prompt fits, and its constraint can be kept.
            events.push({ type: "prompt-progress", doneTokens: 0, totalTokens: message.promptTokens })
            break
          case "progress":
            events.push({
              type: "prompt-progress",
              doneTokens: message.doneTokens,
              totalTokens: message.totalTokens,
            })
            break
          case "delta":
            for (const event of answer.push(message.delta.text, message.delta.logprobs ?? []))
              events.push(event)
            break
          case "end":
            for (const event of answer.end(message.end)) events.push(event)
            break
          case "failed":
            events.push({ type: "error", ...message.error })
            break
          case "answer":
            break
          default:
            message satisfies never
        }
      },
      onEnd: (end) => events.push({ type: "error", ...toErrorBody(end.error) }),
    })
    const abort = () => fail(interrupted())
    signal.addEventListener("abort", abort, { once: true })
    return {
      events,
      stop: () => {
        slowTimer.cancel()
        signal.removeEventListener("abort", abort)
        // A reader that left before the end.
        if (!events.isClosed) process.cancel(requestId)
      },
    }
  }

  return {
    get facts(): ModelFacts {
      const { process, ready, facts } = current
      const processor = ready.devices.find((device) => device.kind === "cpu")
      return {
        name,
        architecture: options.architecture,
        vocabularySize: facts.vocabularySize,
        embeddingLength: facts.embeddingLength,
        trainedContextLength: facts.trainedContextLength,
        contextLength: plan.contextLength,
        streams: plan.streams,
        sizeBytes: facts.sizeBytes,
        hasChatTemplate: facts.hasChatTemplate,
        canInfill: facts.canInfill,
        canEmbed: facts.canEmbed,
        processor: processor?.description ?? "unknown",
        devices: ready.devices,
        libraryVersion: ready.version,
        loadMs: facts.loadMs,
        pid: process.pid,
      }
    },
    get notices() {
      return current.ready.notices
    },
    generate,
    embed: async (texts, signal) => {
      if (texts.length > REQUEST_LIMITS.embedTexts)
        throw new AppError("bad-request", {
          message: `${texts.length} texts; at most ${REQUEST_LIMITS.embedTexts} are embedded by one request.`,
        })
      const vectors: Float32Array[] = []
      let promptTokens = 0
      // One answer must fit one message.
      const most = Math.max(1, Math.floor(CHILD_LIMITS.embeddingBytes / (4 * current.facts.embeddingLength)))
      for (let from = 0; from < Math.max(1, texts.length); from += most) {
        const { process } = await processNow(signal)
        const part = await process.ask({ type: "embed", texts: texts.slice(from, from + most) }, signal)
        vectors.push(...part.vectors)
        promptTokens += part.promptTokens
      }
      return { vectors, promptTokens }
    },
    tokenize: async (text, { special, addBos }, signal) => {
      const { process } = await processNow(signal)
      return await process.ask({ type: "tokenize", text, special, addBos }, signal)
    },
    detokenize: async (tokens, signal) => {
      const { process } = await processNow(signal)
      return await process.ask({ type: "detokenize", tokens }, signal)
    },
    render: async (prompt, signal): Promise<RenderedPrompt> => {
      const { process } = await processNow(signal)
      return await process.ask({ type: "render", prompt }, signal)
    },
    benchmark: async (wish, signal) => {
      const { process } = await processNow(signal)
      return await process.ask({ type: "benchmark", options: wish }, signal)
    },
    forget: (wish) => current.process.forget(wish),
    pin: async (prompt, label, signal) => {
      const { process } = await processNow(signal)
      return await process.ask({ type: "pin", prompt, label }, signal)
    },
    score: async (wish, signal) => {
      const { process } = await processNow(signal)
      return await process.ask({ type: "score", options: wish }, signal)
    },
    activity: (): ModelActivity => ({
      streams: Math.min(generations, plan.streams),
      queued: Math.max(0, generations - plan.streams),
      threads: current.process.threads || plan.threads,
    }),
    onProcess: (listener) => void processListeners.push(listener),
    [Symbol.asyncDispose]: async () => {
      closed = true
      closing.abort()
      if (options.keepsPrefixes === true)
        await current.process.ask({ type: "keep-prefixes" }, AbortSignal.timeout(KEEP_MS)).catch(() => 0)
      current.process.close("the model was unloaded")
      await current.process.exited
    },
  }
}

interface OpenStream {
  readonly process: EngineProcess
  readonly answer: AnswerEvents
  readonly prompt: Prompt
  readonly wish: GenerateOptions
  readonly signal: AbortSignal
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.setTimer(ms, resolve))
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw interrupted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(interrupted())
  signal.addEventListener("abort", abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener("abort", abort)
  }
}

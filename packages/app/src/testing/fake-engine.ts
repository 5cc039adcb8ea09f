// An engine whose answers are written by the test, and a fit in which everything fits.
import type { Engine, GenerateOptions, Model, Prompt } from "@fireside/engine"
import { estimateShape, type LoadPlan, readShape, type SpeedRating } from "@fireside/fit"
import type { AppError, ChatEvent } from "@fireside/protocol"
import type { Fit } from "../parts.ts"

export const PLAN: LoadPlan = {
  contextLength: 2048,
  streams: 4,
  batchRows: 512,
  microBatchRows: 512,
  kvType: "f16",
  useMmap: false,
  gpuLayers: 0,
  threads: 2,
  cpus: [],
  embeddings: false,
  memory: { weightsBytes: 1, kvBytes: 1, computeBytes: 1, totalBytes: 3 },
  budgetBytes: 2 ** 34,
}

export interface FakeEngine extends Engine {
  readonly loads: { name: string; plan: LoadPlan }[]
  readonly prompts: { prompt: Prompt; options: GenerateOptions }[]
  /** Models that were disposed. */
  readonly closed: string[]
  /** Tells the owners of all models that their process ended, or that another took its place. */
  tellProcess(isAlive: boolean): void
  readonly processListeners: ((isAlive: boolean) => void)[]
  /** Events of the next answers; without it the last message is repeated word by word. */
  answer: ((prompt: Prompt, signal: AbortSignal) => AsyncIterable<ChatEvent>) | undefined
  failLoad: AppError | undefined
  /** Tokens of a prompt; without it one for each byte of the last message. */
  tokensOf: ((prompt: Prompt) => number) | undefined
  /** Without it the length of the text. */
  vectorOf: ((text: string) => Float32Array) | undefined
  beforeEmbed: ((signal: AbortSignal) => Promise<void>) | undefined
}

export function createFakeEngine(): FakeEngine {
  const engine: FakeEngine = {
    loads: [],
    prompts: [],
    closed: [],
    processListeners: [],
    tellProcess: (isAlive) => {
      for (const listener of engine.processListeners) listener(isAlive)
    },
    answer: undefined,
    failLoad: undefined,
    tokensOf: undefined,
    vectorOf: undefined,
    beforeEmbed: undefined,
    async load(file, plan) {
      if (engine.failLoad !== undefined) throw engine.failLoad
      engine.loads.push({ name: file.name, plan })
      return fakeModel(engine, file.name, plan)
    },
  }
  return engine
}

const TIMINGS = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 2 }

function fakeModel(engine: FakeEngine, name: string, plan: LoadPlan): Model {
  return {
    facts: {
      name,
      architecture: "llama",
      vocabularySize: 256,
      embeddingLength: 4,
      trainedContextLength: 2048,
      contextLength: plan.contextLength,
      streams: plan.streams,
      sizeBytes: 1_000_000,
      hasChatTemplate: true,
      canInfill: true,
      canEmbed: true,
      processor: "CPU",
      devices: [],
      libraryVersion: "fake",
      loadMs: 1,
      pid: 0,
    },
    async *generate(prompt, options, signal) {
      engine.prompts.push({ prompt, options })
      if (engine.answer !== undefined) {
        yield* engine.answer(prompt, signal)
        return
      }
      yield { type: "start", model: name, id: options.id ?? "1" }
      const words = textOf(prompt).match(/\S+\s*/g) ?? []
      for (const text of words) yield { type: "text-delta", text }
      const usage = { promptTokens: words.length, cachedTokens: 0, completionTokens: words.length }
      yield { type: "finish", reason: "stop", usage, timings: TIMINGS }
    },
    async embed(texts, signal) {
      await engine.beforeEmbed?.(signal)
      return {
        vectors: texts.map((text) => engine.vectorOf?.(text) ?? Float32Array.of(text.length, 0, 0, 0)),
        promptTokens: texts.reduce((sum, text) => sum + text.length, 0),
      }
    },
    tokenize: async (text) => [...Buffer.from(text)],
    detokenize: async (tokens) => Buffer.from(tokens).toString(),
    async render(prompt) {
      const text = textOf(prompt)
      const tokens =
        engine.tokensOf === undefined
          ? [...Buffer.from(text)]
          : Array<number>(engine.tokensOf(prompt)).fill(0)
      return {
        ...{ text, tokens },
        fromTemplate: tokens.map(() => false),
        kinds: tokens.map(() => "user" as const),
        ends: tokens.map((_, index) => index + 1),
      }
    },
    onProcess: (listener) => void engine.processListeners.push(listener),
    activity: () => ({ streams: 0, queued: 0, threads: 1 }),
    async [Symbol.asyncDispose]() {
      engine.closed.push(name)
    },
  }
}

function textOf(prompt: Prompt): string {
  switch (prompt.type) {
    case "chat":
      return prompt.messages.at(-1)?.content ?? ""
    case "plain":
    case "rendered":
      return prompt.text
    case "tokens":
      return prompt.tokens.join(" ")
    case "infill":
      return `${prompt.prefix} ${prompt.suffix}`
    default:
      return prompt satisfies never
  }
}

const FAKE_RATING: SpeedRating = {
  label: "fits",
  decodeTokensPerSecond: 20,
  prefillTokensPerSecond: 100,
  memoryBytes: 2_000_000,
  budgetBytes: 8_000_000,
  reasons: ["It takes 2 MB of 8 MB."],
}

/** Everything fits, and the first of the catalogue is proposed. */
export const FAKE_FIT: Fit = {
  deterministicVerdict: () => ({ possible: true }),
  planLoad: ({ wish }) => ({
    type: "fits",
    plan: {
      ...PLAN,
      ...(wish.contextLength === undefined ? {} : { contextLength: wish.contextLength }),
      streams: wish.streams ?? wish.mostStreams ?? PLAN.streams,
      embeddings: wish.embeddings ?? false,
    },
    notices: [],
  }),
  readShape,
  estimateShape,
  rateSpeed: () => FAKE_RATING,
  proposeModel: (entries) => {
    const rating = FAKE_RATING
    const rated = entries.map((entry) => ({ entry, rating }))
    return { best: rated[0], rated, reason: "It is the first." }
  },
}

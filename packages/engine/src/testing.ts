// Fakes for the tests of whoever uses an engine: a model that plays a script, and small tools beside it.
import { createHash, randomUUID } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { LoadPlan } from "@fireside/fit"
import { AppError, type ChatEvent, toErrorBody } from "@fireside/protocol"
import { encodeHeader } from "./child/prefix/files/line-container.ts"
import { EXTENSION, PINNED } from "./child/prefix/files/line-files.ts"
import { createEchoEngine, type EchoClock } from "./echo-engine.ts"
import type { Engine, GenerateOptions, Model, ModelFacts, ModelFile, Prompt } from "./engine.ts"
import { checkGbnf } from "./grammar/check-gbnf.ts"
import { GENERATED_GBNF_LIMITS } from "./grammar/gbnf-builder.ts"
import { matchesGbnf } from "./grammar/match-gbnf.ts"

/** A plan that asks for next to nothing. */
export const TEST_PLAN: LoadPlan = Object.freeze({
  contextLength: 2_048,
  streams: 4,
  batchRows: 512,
  microBatchRows: 512,
  kvType: "f16",
  useMmap: true,
  gpuLayers: 0,
  threads: 1,
  cpus: [],
  embeddings: false,
  memory: { weightsBytes: 0, kvBytes: 0, computeBytes: 0, totalBytes: 0 },
  budgetBytes: 0,
})

export const TEST_FILE: ModelFile = Object.freeze({ name: "echo", path: "/nowhere/echo.gguf" })

/** What the scripted model does with one request: a text, events between `start` and the end, an error, or all of it. */
export type ScriptedAnswer =
  | string
  | readonly ChatEvent[]
  | AppError
  | ((prompt: Prompt, options: GenerateOptions, signal: AbortSignal) => AsyncIterable<ChatEvent>)

export interface ScriptedRequest {
  readonly prompt: Prompt
  readonly options: GenerateOptions
}

export interface ScriptedModel extends Model {
  /** What was asked, in order. */
  readonly requests: readonly ScriptedRequest[]
  readonly closed: boolean
}

/** Plays one answer a request; asking for more than the script has is an `internal` error event. */
export async function createScriptedModel(
  answers: readonly ScriptedAnswer[],
  facts: Partial<ModelFacts> = {},
): Promise<ScriptedModel> {
  const echo = await createEchoEngine().load(TEST_FILE, TEST_PLAN, new AbortController().signal)
  const requests: ScriptedRequest[] = []
  let closed = false
  return {
    facts: { ...echo.facts, ...facts },
    requests,
    get closed() {
      return closed
    },
    async *generate(prompt, options, signal) {
      const answer =
        answers[requests.length] ?? new AppError("internal", { message: "The script has no more answers." })
      requests.push({ prompt, options })
      if (typeof answer === "function") yield* answer(prompt, options, signal)
      else
        yield* play(answer, options.id ?? `request-${requests.length}`, facts.name ?? echo.facts.name, signal)
    },
    embed: (texts, signal) => echo.embed(texts, signal),
    tokenize: (text, options, signal) => echo.tokenize(text, options, signal),
    detokenize: (tokens, signal) => echo.detokenize(tokens, signal),
    render: (prompt, signal) => echo.render(prompt, signal),
    activity: () => echo.activity(),
    async [Symbol.asyncDispose]() {
      closed = true
      await echo[Symbol.asyncDispose]()
    },
  }
}

async function* play(
  answer: Exclude<ScriptedAnswer, (...args: never[]) => unknown>,
  id: string,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  yield { type: "start", model, id }
  if (answer instanceof AppError) {
    yield { type: "error", ...toErrorBody(answer) }
    return
  }
  const events: readonly ChatEvent[] =
    typeof answer === "string" ? [{ type: "text-delta", text: answer }] : answer
  for (const event of events) {
    if (signal.aborted) {
      yield { type: "error", code: "interrupted", message: "The answer was stopped." }
      return
    }
    yield event
    if (event.type === "finish" || event.type === "error") return
  }
  const called = events.some((event) => event.type === "tool-call-end")
  yield {
    type: "finish",
    reason: called ? "tool-calls" : "stop",
    usage: { promptTokens: 1, cachedTokens: 0, completionTokens: events.length },
    timings: { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 1 },
  }
}

export interface ScriptedEngine extends Engine {
  readonly loads: readonly { readonly file: ModelFile; readonly plan: LoadPlan }[]
}

/** Gives out these models in order; an error in place of one is thrown. */
export function createScriptedEngine(models: readonly (Model | AppError)[]): ScriptedEngine {
  const loads: { file: ModelFile; plan: LoadPlan }[] = []
  return {
    loads,
    async load(file, plan) {
      const model = models[loads.length]
      loads.push({ file, plan })
      if (model === undefined) throw new Error("the script has no more models")
      if (model instanceof AppError) throw model
      return model
    },
  }
}

export interface ManualClock extends EchoClock {
  /** Lets the time pass and ends the waits that are due. */
  advance(ms: number): Promise<void>
}

export function createManualClock(): ManualClock {
  let now = 0
  let waits: { at: number; done: () => void }[] = []
  return {
    now: () => now,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        waits.push({ at: now + ms, done: resolve })
        signal.addEventListener("abort", () => resolve(), { once: true })
      }),
    async advance(ms) {
      now += ms
      const due = waits.filter(({ at }) => at <= now)
      waits = waits.filter(({ at }) => at > now)
      for (const { done } of due) done()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** Whether a grammar, raw or generated, takes exactly this text. Slow: for tests. */
export const acceptsGbnf = (gbnf: string, text: string): boolean =>
  matchesGbnf(checkGbnf(gbnf, GENERATED_GBNF_LIMITS), text)

export interface TestPrefix {
  /** See `PrefixCache.identity`. */
  readonly identity: string
  readonly owner?: string
  readonly label?: string
  readonly pinned?: boolean
}

/** A computed prefix of three tokens on disk, as an engine's process would have left it. */
export async function writePrefixFile(folder: string, prefix: TestPrefix): Promise<void> {
  const { identity, owner, label, pinned = false } = prefix
  const state = Buffer.from("state")
  const key = JSON.stringify([identity, "v1", "cpu", "f16", 1])
  const line = {
    tokens: [1, 2, 3],
    exact: 3,
    adapterKey: "",
    owner,
    sharedTokens: 0,
    label,
    key,
    recomputeMs: 1,
  }
  const place = join(folder, createHash("sha256").update(identity).digest("hex").slice(0, 16))
  await mkdir(place, { recursive: true })
  const name = `${randomUUID()}${pinned ? PINNED : EXTENSION}`
  await writeFile(join(place, name), Buffer.concat([encodeHeader(line, state), state]))
}

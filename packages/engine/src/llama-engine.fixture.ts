// For tests: the real engine with tiny models, in folders of their own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { LoadPlan } from "@fireside/fit"
import { buildTinyAdapter, buildTinyModel, type TinyModelOptions } from "@fireside/gguf/testing"
import { type ChatAnswer, type ChatEvent, collect } from "@fireside/protocol"
import type { GenerateOptions, Prompt } from "./engine.ts"
import { createLlamaEngine, type LlamaEngine, type LlamaEngineOptions } from "./llama-engine.ts"
import type { LlamaModel } from "./supervisor/llama-model.ts"

/** Contexts below 512 cells give the same bits whatever shares a batch, so texts can be compared exactly. */
export const TINY_PLAN: LoadPlan = {
  contextLength: 256,
  streams: 4,
  batchRows: 256,
  microBatchRows: 256,
  kvType: "f16",
  useMmap: true,
  gpuLayers: 0,
  threads: 1,
  cpus: [],
  embeddings: false,
  memory: { weightsBytes: 0, kvBytes: 0, computeBytes: 0, totalBytes: 0 },
  budgetBytes: 0,
}

export const NEVER = new AbortController().signal

/** The same answer every time. */
export const GREEDY: GenerateOptions = { sampling: { temperature: 0 }, maxTokens: 24 }

export interface TinyEngine extends AsyncDisposable {
  readonly engine: LlamaEngine
  readonly model: LlamaModel
  readonly modelPath: string
  /** Writes an adapter for the model; returns its path. */
  addAdapter(seed: number): string
}

export interface TinyEngineOptions {
  readonly model?: TinyModelOptions
  readonly plan?: Partial<LoadPlan>
  readonly engine?: LlamaEngineOptions
  /** For computed prefixes in main memory. Defaults to what the engine takes. */
  readonly cacheMemoryBytes?: number
}

export async function startTinyEngine(options: TinyEngineOptions = {}): Promise<TinyEngine> {
  const folder = mkdtempSync(join(tmpdir(), "fireside-engine-"))
  const modelPath = join(folder, "tiny.gguf")
  writeFileSync(modelPath, buildTinyModel(options.model))
  const engine = createLlamaEngine(options.engine)
  const { cacheMemoryBytes: memoryBytes } = options
  const cache =
    memoryBytes === undefined ? {} : { cache: { folder, identity: "tiny", diskBytes: 0, memoryBytes } }
  const file = { name: "tiny", path: modelPath, ...cache }
  const model = await engine.load(file, { ...TINY_PLAN, ...options.plan }, NEVER)
  return {
    engine,
    model,
    modelPath,
    addAdapter: (seed) => {
      const path = join(folder, `adapter-${seed}.gguf`)
      writeFileSync(path, buildTinyAdapter({ ...options.model, seed }))
      return path
    },
    [Symbol.asyncDispose]: async () => {
      await model[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function plain(text: string): Prompt {
  return { type: "plain", text }
}

export function answerOf(
  model: LlamaModel,
  prompt: Prompt,
  options: GenerateOptions = GREEDY,
): Promise<ChatAnswer> {
  return collect(model.generate(prompt, options, NEVER))
}

export async function eventsOf(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const list: ChatEvent[] = []
  for await (const event of events) list.push(event)
  return list
}

/** The last event of a stream that must have failed. */
export async function errorOf(
  events: AsyncIterable<ChatEvent>,
): Promise<Extract<ChatEvent, { type: "error" }>> {
  const last = (await eventsOf(events)).at(-1)
  if (last?.type !== "error") throw new Error(`the stream ended in ${JSON.stringify(last)}`)
  return last
}

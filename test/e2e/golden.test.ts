// Real weights, temperature 0, the recorded text: the whole way from messages to text.
import { readFileSync, realpathSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { createLlamaEngine, type LlamaEngine, type LlamaModel } from "@fireside/engine"
import { collect, type Message } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { describeEngineContract } from "../../packages/engine/src/engine.contract.ts"

interface Golden {
  readonly cases: readonly {
    readonly messages: readonly Message[]
    readonly promptTokens: number
    readonly text: string
    readonly tokens: number
    readonly finish: string
  }[]
}

const GOLDEN_FILE = join(import.meta.dirname, "..", "golden", "smollm2-greedy.json")
const CACHE = process.env.FIRESIDE_TEST_CACHE
const NEVER = new AbortController().signal

// The file is ours; a field that is missing fails its case.
const readGolden = (): Golden => JSON.parse(readFileSync(GOLDEN_FILE, "utf8")) as Golden

/** Without real weights (FIRESIDE_TEST_CACHE unset) there is nothing to compare; `npm test` says that it ran without. */
describe.skipIf(CACHE === undefined)("SmolLM2-135M at temperature 0 (needs FIRESIDE_TEST_CACHE)", () => {
  let engine: LlamaEngine
  let model: LlamaModel
  const load = async () => {
    engine = createLlamaEngine()
    model = await loadInto(engine)
  }
  beforeAll(load)
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]()
    await engine?.[Symbol.asyncDispose]()
  })

  const ask = (messages: readonly Message[]) =>
    collect(
      model.generate({ type: "chat", messages }, { sampling: { temperature: 0 }, maxTokens: 200 }, NEVER),
    )

  test("one after another, each is what was recorded", async () => {
    for (const { messages, text, promptTokens, tokens, finish } of readGolden().cases) {
      const answer = await ask(messages)
      expect({
        text: answer.text,
        promptTokens: answer.usage.promptTokens,
        tokens: answer.usage.completionTokens,
        finish: answer.reason,
      }).toEqual({ text, promptTokens, tokens, finish })
    }
  })

  test("all at once, each is what was recorded", async () => {
    const { cases } = readGolden()
    const answers = await Promise.all(cases.map(({ messages }) => ask(messages)))
    expect(answers.map(({ text }) => text)).toEqual(cases.map(({ text }) => text))
  })

  test("log-probabilities are those of the chosen tokens", async () => {
    const [first] = readGolden().cases
    const answer = await collect(
      model.generate(
        { type: "chat", messages: first?.messages ?? [] },
        { sampling: { temperature: 0 }, topLogprobs: 5 },
        NEVER,
      ),
    )
    expect(answer.logprobs.map(({ token }) => token).join("")).toBe(answer.text)
    for (const { token, logprob, top } of answer.logprobs) {
      expect(top[0]).toMatchObject({ token, logprob })
      expect(top.reduce((sum, entry) => sum + Math.exp(entry.logprob), 0)).toBeLessThanOrEqual(1.000_001)
    }
  })

  test("embeddings of many texts are those of each alone, and near for near meanings", async () => {
    const texts = [
      "The cat sleeps on the sofa.",
      "A cat is sleeping on a couch.",
      "Interest rates rose by half a percent.",
    ]
    const { vectors: together } = await model.embed(texts, NEVER)
    for (const [index, text] of texts.entries()) {
      const [alone] = (await model.embed([text], NEVER)).vectors
      expect(cosine(together[index], alone)).toBeGreaterThan(0.9998)
    }
    expect(cosine(together[0], together[1])).toBeGreaterThan(cosine(together[0], together[2]))
  })
})

describe.skipIf(CACHE === undefined)("SmolLM2-135M (needs FIRESIDE_TEST_CACHE)", () => {
  describeEngineContract("llama.cpp with real weights", async () => {
    const engine = createLlamaEngine()
    const model = await loadInto(engine)
    return {
      model,
      dispose: async () => {
        await model[Symbol.asyncDispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  })
})

function loadInto(engine: LlamaEngine): Promise<LlamaModel> {
  const plan = {
    contextLength: 2_048,
    streams: 8,
    batchRows: 512,
    microBatchRows: 512,
    kvType: "f16",
    useMmap: true,
    gpuLayers: 0,
    threads: Math.min(2, availableParallelism()),
    cpus: [],
    embeddings: true,
    memory: { weightsBytes: 0, kvBytes: 0, computeBytes: 0, totalBytes: 0 },
    budgetBytes: 0,
  } as const
  return engine.load(
    { name: "smollm2:135m", path: realpathSync(join(CACHE ?? "", "smollm2.gguf")) },
    plan,
    NEVER,
  )
}

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined) throw new Error("a vector is missing")
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

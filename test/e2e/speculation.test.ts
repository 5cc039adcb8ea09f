// Real weights: a text that is guessed ahead is the text without, where another number of rows changes no bit.
import { join } from "node:path"
import type { SamplingOptions } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Generation } from "../../packages/engine/src/child/generation.ts"
import { type LoadedModel, loadEverything } from "../../packages/engine/src/child/loaded-model.ts"
import type { Delta, FromChild, StreamEnd } from "../../packages/engine/src/child/messages.ts"
import { NO_ADAPTERS } from "../../packages/engine/src/child/native/adapters.ts"
import { loadLibrary } from "../../packages/engine/src/child/native/library.ts"
import { locateLibraries } from "../../packages/engine/src/child/native/library-folder.ts"
import { compileConstraint } from "../../packages/engine/src/grammar/compile-constraint.ts"

const CACHE = process.env.FIRESIDE_TEST_CACHE

const CODE = `export interface Account {
  readonly id: string
  balance: number
}

export function deposit(account: Account, amount: number): void {
  if (amount <= 0) throw new Error("The amount must be positive")
  account.balance += amount
}

export function withdraw(account: Account, amount: number): void {
  if (amount <= 0) throw new Error("The amount must be positive")
  if (amount > account.balance) throw new Error("There is not enough money")
  account.balance -= amount
}
`

interface Case {
  readonly name: string
  readonly prompt: string
  /** What the answer begins with. */
  readonly begun?: string
  readonly sampling: SamplingOptions
  readonly maxTokens: number
  readonly stop?: readonly string[]
  readonly schema?: Readonly<Record<string, unknown>>
}

const ANIMALS = {
  type: "array",
  minItems: 4,
  maxItems: 4,
  items: {
    type: "object",
    properties: { animal: { type: "string", maxLength: 20 }, legs: { type: "integer" } },
    required: ["animal", "legs"],
    additionalProperties: false,
  },
}

const CASES: readonly Case[] = [
  {
    name: "a file given back with a change",
    prompt: `Rename the interface Account to Wallet and give back the whole file:\n\n\`\`\`ts\n${CODE}\`\`\``,
    begun: "Here is the whole file:\n\n```ts\n",
    sampling: { temperature: 0 },
    maxTokens: 90,
  },
  {
    name: "prose, to a stop string",
    prompt: "Tell a story about a lighthouse keeper who finds a letter in a bottle.",
    sampling: { temperature: 0 },
    maxTokens: 70,
    stop: ["the bottle."],
  },
  {
    name: "JSON by a schema",
    prompt: "List four animals with their number of legs, as JSON.",
    sampling: { temperature: 0 },
    maxTokens: 70,
    schema: ANIMALS,
  },
  {
    name: "a seed and a penalty",
    prompt: `Rename the interface Account to Wallet and give back the whole file:\n\n\`\`\`ts\n${CODE}\`\`\``,
    begun: "Here is the whole file:\n\n```ts\n",
    sampling: { temperature: 0.8, seed: 7, repeatPenalty: 1.05 },
    maxTokens: 70,
  },
]

interface Written {
  readonly text: string
  readonly logprobs: readonly unknown[]
  readonly end: Pick<StreamEnd, "reason" | "stopString" | "usage">
  readonly drafted: number
  readonly accepted: number
}

/** Without real weights (FIRESIDE_TEST_CACHE unset) there is nothing to compare; `npm test` says that it ran without. */
describe.skipIf(CACHE === undefined)("guesses with SmolLM2-135M (needs FIRESIDE_TEST_CACHE)", () => {
  let loaded: LoadedModel
  beforeAll(() => {
    const plan = {
      contextLength: 1_024,
      streams: 2,
      batchRows: 512,
      microBatchRows: 512,
      // With this format of the cache, these weights give the same bits at any number of rows.
      kvType: "q8_0",
      useMmap: true,
      gpuLayers: 0,
      threads: 1,
      cpus: [],
      embeddings: false,
      memory: { weightsBytes: 0, kvBytes: 0, computeBytes: 0, totalBytes: 0 },
      budgetBytes: 0,
    } as const
    const path = join(CACHE ?? "", "smollm2.gguf")
    // In this process, for the clock: what is guessed must not hang on how busy the machine is.
    loaded = loadEverything(
      loadLibrary(locateLibraries()),
      { path, plan, controlCandidates: [] },
      { onProgress: () => {}, report: () => {} },
    )
  })
  afterAll(() => loaded?.model[Symbol.dispose]())

  function write(cases: readonly Case[], speculate: boolean): Written[] {
    const deltas: Delta[] = []
    const ends: StreamEnd[] = []
    let ticks = 0
    const serving = loaded.createServing({
      isCancelled: () => false,
      onBatchTick: () => {},
      // Every step takes as long as any other, so whatever may be right is guessed.
      now: () => ++ticks,
      send: (message: FromChild) => {
        if (message.type !== "step") throw new Error(`unexpected: ${message.type}`)
        deltas.push(...message.deltas)
        ends.push(...message.ends)
      },
    })
    for (const [requestId, one] of cases.entries())
      serving.add(generationOf(loaded, { requestId, one, speculate }))
    while (serving.hasWork) serving.step()
    return cases.map((_, id) => {
      const own = deltas.filter(({ requestId }) => requestId === id)
      const end = ends.find(({ requestId }) => requestId === id)
      if (end === undefined) throw new Error(`request ${id} has no end`)
      const { reason, stopString, usage, draftedTokens, acceptedTokens } = end
      return {
        text: own.map(({ text }) => text).join(""),
        logprobs: own.flatMap(({ logprobs }) => logprobs ?? []),
        end: { reason, usage, ...(stopString === undefined ? {} : { stopString }) },
        drafted: draftedTokens,
        accepted: acceptedTokens,
      }
    })
  }
  const told = ({ text, logprobs, end }: Written) => ({ text, logprobs, end })

  test.each(CASES)("$name", (one) => {
    const [plain] = write([one], false)
    const [guessed] = write([one], true)
    if (plain === undefined || guessed === undefined) throw new Error("each case has an answer")
    expect(told(guessed)).toEqual(told(plain))
    expect(plain.text.length).toBeGreaterThan(60)
    expect(plain.drafted).toBe(0)
  })

  test("two at a time, with drafts of different lengths", () => {
    const pair = [CASES[0], CASES[3]].filter((one) => one !== undefined)
    const together = write(pair, true)
    const alone = pair.flatMap((one) => write([one], false))
    expect(together.map(told)).toEqual(alone.map(told))
    // What is copied is guessed, right and wrong.
    for (const { accepted, drafted } of [...together, ...write(pair.slice(0, 1), true)]) {
      expect(accepted).toBeGreaterThan(5)
      expect(drafted).toBeGreaterThan(accepted)
    }
  })
})

function generationOf(
  loaded: LoadedModel,
  { requestId, one, speculate }: { requestId: number; one: Case; speculate: boolean },
): Generation {
  const { prompt, begun = "", sampling, maxTokens, stop = [], schema } = one
  const chat = `<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n${begun}`
  const constraint =
    schema === undefined
      ? null
      : compileConstraint({ format: { type: "json-schema", schema }, template: "", promptTail: "" })
  return new Generation({
    requestId,
    prompt: loaded.model.tokenize(chat, { addSpecial: false, parseSpecial: true }),
    sampler: loaded.createSampler({
      sampling,
      seed: 1,
      ...(constraint === null ? {} : { grammar: constraint.gbnf }),
    }),
    adapters: NO_ADAPTERS,
    stop,
    maxTokens,
    contextLength: loaded.plan.contextLength,
    topLogprobs: 1,
    cachePrompt: false,
    isRepeatable: false,
    speculate,
    markers: new Set(),
    ignoreEnd: false,
    startedAtMs: 0,
  })
}

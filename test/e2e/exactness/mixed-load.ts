// Prompts and loads for the exactness suite: the same for the same seed, and long enough for the kernels to choose.
import type { GenerateOptions, LlamaModel } from "@fireside/engine"
import { collect } from "@fireside/protocol"

const NEVER = new AbortController().signal
const ROOMS = ["kitchen", "cellar", "attic", "garden shed", "hall", "workshop", "library"] as const
const THINGS = ["lamp", "ladder", "clock", "bicycle", "radio", "map", "kettle", "suitcase", "piano"] as const
const COLOURS = ["red", "blue", "green", "yellow", "black", "white", "grey"] as const
const ASKED = [
  "Write a short story about three of these things.",
  "Which things are in the kitchen? Name them one after another.",
  "Describe the house to somebody who wants to buy it.",
] as const

/** mulberry32: small, and the same everywhere. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Case {
  readonly question: string
  readonly options: GenerateOptions
}

/** An inventory that all prompts begin with: about 650 tokens, past the 512 cells from which an f16 cache takes another path. */
function inventory(): string {
  const random = createRandom(5)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  return Array.from(
    { length: 48 },
    (_, index) => `${index + 1}. The ${pick(COLOURS)} ${pick(THINGS)} stands in the ${pick(ROOMS)}.`,
  ).join("\n")
}

/** Greedy, and sampled with a seed. */
export const CASES: readonly Case[] = ASKED.map((asked, index) => ({
  question: `${inventory()}\n\n${asked}`,
  options: {
    sampling: index === 2 ? { temperature: 0.8, seed: 7 } : { temperature: 0 },
    maxTokens: 32,
  },
}))

/** Round and round. */
export function caseAt(index: number): Case {
  const one = CASES[index % CASES.length]
  if (one === undefined) throw new Error("a case")
  return one
}

export function promptOf(question: string) {
  return { type: "chat", messages: [{ role: "user", content: question }] } as const
}

export interface Answer {
  readonly text: string
  readonly promptTokens: number
  /** Of the prompt, those that were not computed for it. */
  readonly cachedTokens: number
}

export async function ask(
  model: LlamaModel,
  { question, options }: Case,
  changes: Partial<GenerateOptions> = {},
): Promise<Answer> {
  const { text, usage, deterministic } = await collect(
    model.generate(promptOf(question), { ...options, ...changes }, NEVER),
  )
  if (deterministic !== true) throw new Error("the answer does not promise to be deterministic")
  return { text, promptTokens: usage.promptTokens, cachedTokens: usage.cachedTokens }
}

export async function answer(
  model: LlamaModel,
  one: Case,
  changes: Partial<GenerateOptions> = {},
): Promise<string> {
  return (await ask(model, one, changes)).text
}

/** Asks, and leaves after a few words. */
export async function leaveEarly(model: LlamaModel, { question, options }: Case): Promise<void> {
  const leaving = new AbortController()
  let words = 0
  for await (const event of model.generate(promptOf(question), options, leaving.signal)) {
    if (event.type === "text-delta") words += 1
    if (words === 3) leaving.abort()
  }
}

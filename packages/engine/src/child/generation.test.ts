import { expect, test } from "vitest"
import { Generation, type GenerationOptions } from "./generation.ts"
import { NO_ADAPTERS } from "./native/adapters.ts"
import type { NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"

const END = 0
const MARK = 1
/** Token → text; the mark is a control token. */
const PIECES: Readonly<Record<number, Uint8Array>> = {
  [END]: Buffer.from("<end>"),
  [MARK]: Buffer.from("<mark>"),
  2: Buffer.from("ab"),
  3: Buffer.from("cd"),
  4: Buffer.from("😀").subarray(0, 2),
  5: Buffer.from("😀").subarray(2),
}

const MODEL = {
  isEndOfGeneration: (token: number) => token === END,
  piece: (token: number, special: boolean) =>
    !special && token <= MARK ? new Uint8Array() : (PIECES[token] ?? new Uint8Array()),
} as unknown as NativeModel // the methods that a generation calls

const CONTEXT = { logits: () => new Float32Array(6) } as unknown as NativeContext

interface Result {
  readonly texts: readonly string[]
  readonly end: unknown
  readonly observed: readonly number[]
}

function generate(
  tokens: readonly (number | null)[],
  options: Partial<GenerationOptions> & { lookBack?: number } = {},
): Result {
  const left = [...tokens]
  const observed: number[] = []
  const generation = new Generation({
    requestId: 1,
    prompt: [7, 8, 9],
    sampler: {
      lookBack: options.lookBack ?? 0,
      observe: (token) => void observed.push(token),
      sample: () => left.shift() ?? null,
      [Symbol.dispose]: () => {},
    },
    adapters: NO_ADAPTERS,
    stop: [],
    maxTokens: 100,
    contextLength: 100,
    cachePrompt: true,
    isRepeatable: false,
    markers: new Set(),
    ignoreEnd: false,
    startedAtMs: 0,
    ...options,
  })
  const texts: string[] = []
  for (let step = 0; step < 100; step++) {
    const { delta, end } = generation.advance(CONTEXT, MODEL, { row: 0, draft: [], nowMs: step })
    if (delta !== null) texts.push(delta.text)
    if (end !== null) return { texts, end, observed }
  }
  throw new Error("it never ended")
}

test("an end token ends it, and is not shown", () => {
  expect(generate([2, 3, END])).toMatchObject({ texts: ["ab", "cd"], end: { reason: "stop" } })
})

test("a grammar with nothing left ends it", () => {
  expect(generate([2, null])).toMatchObject({ texts: ["ab"], end: { reason: "stop" } })
})

test("the number of tokens ends it, and the room in the context", () => {
  expect(generate([2, 2, 2], { maxTokens: 2 })).toMatchObject({
    texts: ["ab", "ab"],
    end: { reason: "length" },
  })
  // Three of the prompt, two that have a place, and a last one that needs none.
  expect(generate([2, 2, 2, 2], { contextLength: 5 }).texts).toHaveLength(3)
})

test("halves of a character are shown together, a lone half as a replacement at the end", () => {
  expect(generate([4, 5, END]).texts).toEqual(["😀"])
  expect(generate([2, 4, END]).texts).toEqual(["ab", "\ufffd"])
  expect(generate([2, 4], { maxTokens: 2 }).texts).toEqual(["ab", "\ufffd"])
})

test("a stop string over two tokens, held back and cut", () => {
  expect(generate([2, 3, 2], { stop: ["bc"] })).toMatchObject({
    texts: ["a"],
    end: { reason: "stop", stopString: "bc" },
  })
  expect(generate([2, END], { stop: ["bc"] }).texts).toEqual(["a", "b"])
})

test("a control token is shown only where it belongs to the format", () => {
  expect(generate([2, MARK, 3, END]).texts).toEqual(["ab", "cd"])
  expect(generate([2, MARK, 3, END], { markers: new Set(["<mark>"]) }).texts).toEqual(["ab", "<mark>", "cd"])
})

test("penalties see the end of the prompt", () => {
  expect(generate([END], { lookBack: 2 }).observed).toEqual([8, 9])
  expect(generate([END], { lookBack: 99 }).observed).toEqual([7, 8, 9])
  expect(generate([END]).observed).toEqual([])
})

test("log-probabilities of every token that is shown", () => {
  const deltas: unknown[] = []
  const left = [2, 4, 5, END]
  const generation = new Generation({
    requestId: 1,
    prompt: [7],
    sampler: {
      lookBack: 0,
      observe: () => {},
      sample: () => left.shift() ?? null,
      [Symbol.dispose]: () => {},
    },
    adapters: NO_ADAPTERS,
    stop: [],
    maxTokens: 100,
    contextLength: 100,
    cachePrompt: true,
    isRepeatable: false,
    markers: new Set(),
    ignoreEnd: false,
    startedAtMs: 0,
    topLogprobs: 1,
  })
  for (let step = 0; step < 4; step++)
    deltas.push(generation.advance(CONTEXT, MODEL, { row: 0, draft: [], nowMs: step }).delta)
  expect(deltas).toMatchObject([
    { text: "ab", logprobs: [{ token: "ab" }] },
    { text: "", logprobs: [{ bytes: [240, 159] }] },
    { text: "😀", logprobs: [{ bytes: [152, 128] }] },
    null,
  ])
})

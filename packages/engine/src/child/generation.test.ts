import { describe, expect, test } from "vitest"
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

const OPTIONS: Omit<GenerationOptions, "sampler"> = {
  requestId: 1,
  prompt: [7, 8, 9],
  adapters: NO_ADAPTERS,
  stop: [],
  maxTokens: 100,
  contextLength: 100,
  cachePrompt: true,
  isRepeatable: false,
  markers: new Set(),
  ignoreEnd: false,
  startedAtMs: 0,
}

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
    ...OPTIONS,
    sampler: {
      lookBack: options.lookBack ?? 0,
      observe: (token) => void observed.push(token),
      sample: () => left.shift() ?? null,
      [Symbol.dispose]: () => {},
    },
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
    ...OPTIONS,
    sampler: {
      lookBack: 0,
      observe: () => {},
      sample: () => left.shift() ?? null,
      [Symbol.dispose]: () => {},
    },
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

describe("several tokens from one step", () => {
  interface Taken {
    readonly text: string
    readonly accepted: number
    readonly end: unknown
    /** Calls of the sampler: none may come after the end, or after a wrong guess. */
    readonly rows: readonly number[]
    readonly tokens: readonly number[]
  }

  function take(
    tokens: readonly (number | null)[],
    draft: readonly number[],
    options: Partial<GenerationOptions> = {},
  ): Taken {
    const rows: number[] = []
    const generation = new Generation({
      ...OPTIONS,
      sampler: {
        lookBack: 0,
        observe: () => {},
        sample: (_, row) => {
          rows.push(row)
          return tokens[rows.length - 1] ?? null
        },
        [Symbol.dispose]: () => {},
      },
      ...options,
    })
    const { delta, end, accepted } = generation.advance(CONTEXT, MODEL, { row: 5, draft, nowMs: 1 })
    return { text: delta?.text ?? "", accepted, end, rows, tokens: generation.tokens.slice(3) }
  }

  test.each([
    { name: "all right", tokens: [2, 3, 2], draft: [2, 3], rows: 3, accepted: 2, text: "abcdab" },
    { name: "the second wrong", tokens: [2, 2, 9], draft: [2, 3, 2], rows: 2, accepted: 1, text: "abab" },
    { name: "the first wrong", tokens: [3, 9, 9], draft: [2, 3], rows: 1, accepted: 0, text: "cd" },
    { name: "no guess", tokens: [2, 9], draft: [], rows: 1, accepted: 0, text: "ab" },
  ])("$name", ({ tokens, draft, rows, accepted, text }) => {
    const taken = take(tokens, draft)
    expect(taken).toMatchObject({ accepted, text, end: null, tokens: tokens.slice(0, rows) })
    expect(taken.rows).toEqual([5, 6, 7, 8].slice(0, rows))
  })

  test("nothing is looked at after an end, whatever was guessed", () => {
    expect(take([2, END, 2], [2, 2, 2])).toMatchObject({
      accepted: 1,
      text: "ab",
      end: { reason: "stop" },
      rows: [5, 6],
    })
    expect(take([2, null, 2], [2, 2])).toMatchObject({
      accepted: 1,
      text: "ab",
      end: { reason: "stop" },
      rows: [5, 6],
    })
    expect(take([2, 3, 2], [2, 3, 2], { stop: ["bc"] })).toMatchObject({
      accepted: 1,
      text: "a",
      end: { reason: "stop", stopString: "bc" },
      rows: [5, 6],
      tokens: [2, 3],
    })
    expect(take([2, 3, 2], [2, 3, 2], { maxTokens: 2 })).toMatchObject({
      accepted: 1,
      text: "abcd",
      end: { reason: "length" },
      rows: [5, 6],
    })
  })

  test("halves of a character come together", () => {
    expect(take([4, 5, 2], [4, 5])).toMatchObject({ accepted: 2, text: "😀ab" })
  })

  test("a guess has a place in the context and a token after it", () => {
    const started = (options: Partial<GenerationOptions>) => {
      const generation = new Generation({
        ...OPTIONS,
        sampler: { lookBack: 0, observe: () => {}, sample: () => 2, [Symbol.dispose]: () => {} },
        ...options,
      })
      const before = generation.draftLimit
      generation.advance(CONTEXT, MODEL, { row: 0, draft: [], nowMs: 1 })
      return [before, generation.draftLimit]
    }
    expect(started({ maxTokens: 10 })).toEqual([0, 8])
    expect(started({ maxTokens: 1 })).toEqual([0, 0])
    expect(started({ contextLength: 9 })).toEqual([0, 5])
    expect(started({ speculate: false })).toEqual([0, 0])
  })
})

// Speculation in the main loop, against a context that computes like a model: whatever is guessed, the text is the same.
import type { LoadPlan } from "@fireside/fit"
import fc from "fast-check"
import { expect, test } from "vitest"
import { createBlockWorth } from "./block-worth.ts"
import { Generation } from "./generation.ts"
import type { FromChild, StreamEnd } from "./messages.ts"
import { NO_ADAPTERS } from "./native/adapters.ts"
import type { DecodeResult, NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"
import type { TokenSampler } from "./native/sampler.ts"
import { Serving } from "./serving.ts"

const PLAN = { contextLength: 300, streams: 3, batchRows: 256, threads: 1 } as LoadPlan
const END = 26

/** The cells of each sequence, and steps that take as long as those of kernels with a path for several rows. */
class ModelContext {
  readonly cells = new Map<number, number[]>()
  readonly share = null
  readonly sequences = 3
  readonly mostSequences = 3
  readonly cellsPerSequence = PLAN.contextLength
  readonly reshape = null
  setAdapters(): void {}
  readonly rowCapacity = 256
  /** What decodes return, by their number; others: `done`. */
  readonly results: ReadonlyMap<number, DecodeResult>
  /** Rows for which there is room, by the number of the decode. */
  mostRows: (decode: number) => number = () => 256
  refused = 0
  clock = 0
  decodes = 0
  mostOutputs = 0
  #batch: { token: number; position: number; sequence: number; wantsOutput: boolean }[] = []

  constructor(results: ReadonlyMap<number, DecodeResult> = new Map()) {
    this.results = results
  }
  get rows(): number {
    return this.#batch.length
  }
  clear(): void {
    this.#batch = []
  }
  addRow(token: number, position: number, sequence: number, wantsOutput: boolean): number {
    return this.#batch.push({ token, position, sequence, wantsOutput }) - 1
  }
  decode(): DecodeResult {
    const hasRoom = this.rows <= this.mostRows(this.decodes)
    const result = hasRoom ? (this.results.get(this.decodes) ?? "done") : "no-room"
    this.decodes += 1
    if (!hasRoom) this.refused += 1
    this.clock += 10 * this.rows ** 0.5
    this.mostOutputs = Math.max(this.mostOutputs, this.#batch.filter(({ wantsOutput }) => wantsOutput).length)
    // An aborted batch leaves its first half behind.
    const computed = result === "done" ? this.rows : result === "aborted" ? this.rows >> 1 : 0
    for (const { token, position, sequence } of this.#batch.slice(0, computed)) {
      const cells = this.cells.get(sequence) ?? []
      if (cells.length !== position) throw new Error(`position ${position} after ${cells.length}`)
      if (position >= PLAN.contextLength) throw new Error("beyond the context")
      this.cells.set(sequence, [...cells, token])
    }
    return result
  }
  /** The tokens that the row of the batch has seen, itself the last. */
  seenBy(row: number): readonly number[] {
    const { sequence, position, wantsOutput } = this.#batch[row] ?? {}
    if (sequence === undefined || position === undefined || wantsOutput !== true)
      throw new Error(`row ${row} has no logits`)
    return (this.cells.get(sequence) ?? []).slice(0, position + 1)
  }
  logits(row: number): Float32Array {
    return Float32Array.from({ length: END + 1 }, (_, token) => (token === this.seenBy(row).at(-1) ? 1 : 0))
  }
  cut(sequence: number, from: number): boolean {
    this.cells.set(sequence, (this.cells.get(sequence) ?? []).slice(0, from))
    return true
  }
  saveState(): Uint8Array | null {
    return null
  }
  restoreState(): boolean {
    return false
  }
  releaseState(): void {}
  firstPosition(): number {
    return 0
  }
  setAbort(): void {}
  watchAbort(): void {}
  setThreads(): void {}
  synchronize(): void {}
}

const MODEL = {
  isRecurrent: false,
  sizeBytes: 1,
  slidingWindow: 0,
  isEndOfGeneration: (token: number) => token === END,
  piece: (token: number) => Uint8Array.of(97 + token),
} as unknown as NativeModel // the only fields that serving looks at

interface Writing {
  readonly prompt: readonly number[]
  /** How seldom the text leaves its track: every so many tokens. */
  readonly surpriseEvery: number
  /** After so many tokens the grammar allows nothing more; the text ends by itself after others. */
  readonly grammarEnds: number
  readonly textEnds: number
  readonly stop: readonly string[]
  readonly maxTokens: number
  readonly topLogprobs?: number
}

/**
 * Repeats what stood after the same two tokens, and remembers how many tokens it chose, as a penalty or a seeded choice would: one call out
 * of turn changes the text.
 */
function createTrackSampler(writing: Writing): TokenSampler {
  let chosen = 0
  return {
    lookBack: 0,
    observe: () => {},
    sample: (context, row) => {
      const seen = (context as unknown as ModelContext).seenBy(row) // the one that the test made
      chosen += 1
      if (chosen > writing.grammarEnds) return null
      if (chosen > writing.textEnds) return END
      const last = seen.length - 1
      const earlier = seen.findLastIndex(
        (token, at) => at < last && at > 0 && token === seen[last] && seen[at - 1] === seen[last - 1],
      )
      const sum = seen.reduce((total, token, at) => (total * 31 + token * (at + 1)) % 65_521, 7)
      if (earlier < 0 || (sum + chosen) % writing.surpriseEvery === 0) return (sum + chosen) % END
      return seen[earlier + 1] ?? 0
    },
    [Symbol.dispose]: () => {},
  }
}

interface Outcome {
  readonly texts: readonly string[]
  readonly ends: readonly (Partial<StreamEnd> | undefined)[]
  readonly logprobs: readonly string[]
  readonly drafted: number
  readonly accepted: number
}

interface WriteOptions {
  readonly speculate: boolean
  readonly context?: ModelContext
  readonly model?: NativeModel
  readonly isCancelled?: (requestId: number) => boolean
}

function write(
  writings: readonly Writing[],
  { speculate, context = new ModelContext(), model = MODEL, isCancelled = () => false }: WriteOptions,
): Outcome {
  const sent: FromChild[] = []
  const serving = new Serving({
    model,
    context: context as unknown as NativeContext, // the methods that serving calls
    plan: PLAN,
    parkedBytes: 0,
    files: null,
    foreign: null,
    createApart: null,
    pace: { msPerRow: 0, blockWorth: createBlockWorth() },
    isCancelled,
    onBatchTick: () => {},
    send: (message) => void sent.push(message),
    now: () => context.clock,
  })
  for (const [requestId, writing] of writings.entries())
    serving.add(
      new Generation({
        requestId,
        sampler: createTrackSampler(writing),
        adapters: NO_ADAPTERS,
        contextLength: PLAN.contextLength,
        cachePrompt: true,
        isRepeatable: false,
        markers: new Set(),
        ignoreEnd: false,
        startedAtMs: 0,
        speculate,
        ...writing,
      }),
    )
  for (let step = 0; step < 3_000 && serving.hasWork; step++) serving.step()
  expect(serving.isEmpty).toBe(true)
  expect(context.mostOutputs).toBeLessThanOrEqual(64)
  const steps = sent.filter((message) => message.type === "step")
  const ends = steps.flatMap((step) => step.ends)
  const deltas = steps.flatMap((step) => step.deltas)
  const of = (requestId: number) => deltas.filter((delta) => delta.requestId === requestId)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return {
    texts: writings.map((_, id) =>
      of(id)
        .map(({ text }) => text)
        .join(""),
    ),
    ends: writings.map((_, id) => {
      const { reason, stopString, usage } = ends.find(({ requestId }) => requestId === id) ?? {}
      // Who ends sooner leaves other beginnings to whoever waits.
      const counted = { ...usage, cachedTokens: 0 }
      return reason === undefined
        ? undefined
        : { reason, ...(stopString ? { stopString } : {}), usage: counted }
    }) as Outcome["ends"],
    logprobs: writings.map((_, id) => JSON.stringify(of(id).flatMap(({ logprobs }) => logprobs ?? []))),
    drafted: sum(ends.map(({ draftedTokens }) => draftedTokens)),
    accepted: sum(ends.map(({ acceptedTokens }) => acceptedTokens)),
  }
}

const COPYING: Writing = {
  prompt: Array.from({ length: 60 }, (_, place) => (place * 7 + (place >> 2)) % END),
  surpriseEvery: 60,
  grammarEnds: 1_000,
  textEnds: 1_000,
  stop: [],
  maxTokens: 200,
}

const WRITING: fc.Arbitrary<Writing> = fc.record({
  prompt: fc.array(fc.nat(END - 1), { minLength: 4, maxLength: 80 }),
  surpriseEvery: fc.constantFrom(3, 10, 40, 1_000),
  grammarEnds: fc.constantFrom(20, 90, 1_000),
  textEnds: fc.constantFrom(30, 80, 1_000),
  stop: fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), minLength: 2, maxLength: 3 }), {
    maxLength: 2,
  }),
  maxTokens: fc.constantFrom(0, 1, 2, 50, 400),
  topLogprobs: fc.constant(1),
})

test("a text that repeats itself needs fewer steps", () => {
  const plain = new ModelContext()
  const guessing = new ModelContext()
  const off = write([COPYING], { speculate: false, context: plain })
  const on = write([COPYING], { speculate: true, context: guessing })
  expect({ ...on, drafted: 0, accepted: 0 }).toEqual(off)
  expect(off.drafted).toBe(0)
  expect(on.accepted).toBeGreaterThan(100)
  expect(on.accepted).toBeLessThanOrEqual(on.drafted)
  expect(guessing.decodes).toBeLessThan(plain.decodes / 2)
  expect(guessing.clock).toBeLessThan(plain.clock)
})

test("the text, its end and its log-probabilities are the same with guesses and without", () => {
  let drafted = 0
  let rejected = 0
  // Guesses and refused guesses are certain in these, whatever the others turn out to be.
  const wellGuessed = [60, 40, 10].map((surpriseEvery) => ({ ...COPYING, surpriseEvery }))
  const badlyGuessed = [3, 5].map((surpriseEvery) => ({ ...COPYING, surpriseEvery }))
  fc.assert(
    fc.property(fc.array(WRITING, { minLength: 1, maxLength: 5 }), (writings) => {
      const off = write(writings, { speculate: false })
      const on = write(writings, { speculate: true })
      drafted += on.drafted
      rejected += on.drafted - on.accepted
      expect({ ...on, drafted: 0, accepted: 0 }).toEqual(off)
    }),
    { endOnFailure: true, examples: [[wellGuessed], [badlyGuessed], [[...wellGuessed, ...badlyGuessed]]] },
  )
  expect(drafted).toBeGreaterThan(1_000)
  expect(rejected).toBeGreaterThan(100)
})

test("a step that was stopped is done again", () => {
  const off = write([COPYING], { speculate: false })
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(60), { maxLength: 12 }), (stopped) => {
      const context = new ModelContext(new Map(stopped.map((decode) => [decode, "aborted"])))
      const on = write([COPYING], { speculate: true, context })
      expect({ ...on, drafted: 0, accepted: 0 }).toEqual(off)
    }),
    { endOnFailure: true },
  )
})

test("guesses that have no room are left out, and nothing is lost for them", () => {
  const off = write([COPYING], { speculate: false })
  const context = new ModelContext()
  context.mostRows = (decode) => (decode === 0 ? 256 : 1)
  const on = write([COPYING], { speculate: true, context })
  expect(on.texts).toEqual(off.texts)
  expect(on.ends).toEqual(off.ends)
  expect(context.refused).toBeGreaterThan(10)
})

test("a request that is no longer wanted ends between two steps, with what it had", () => {
  const off = write([COPYING], { speculate: false })
  const context = new ModelContext()
  const on = write([COPYING, COPYING], {
    speculate: true,
    context,
    isCancelled: (id) => id === 0 && context.decodes > 12,
  })
  expect(on.ends[0]).toBeUndefined()
  expect(on.texts[0]).not.toBe("")
  expect(off.texts[0]?.startsWith(on.texts[0] ?? "")).toBe(true)
  expect([on.texts[1], on.ends[1]?.usage]).toEqual([off.texts[0], off.ends[0]?.usage])
})

test("a memory that cannot be cut is never guessed for", () => {
  const on = write([COPYING], { speculate: true, model: { ...MODEL, isRecurrent: true } })
  expect(on.drafted).toBe(0)
})

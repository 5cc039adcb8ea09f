// Texts of many requests in few decodes, against a context that is a script.
import { AppError } from "@fireside/protocol"
import fc from "fast-check"
import { beforeEach, expect, test } from "vitest"
import type { DecodeResult, NativeContext } from "../native/context.ts"
import { Embedder, type EmbedEnd } from "./embedder.ts"

const CONTEXT_LENGTH = 2_000

/** A text's vector is its first token and its length. */
class ScriptedContext {
  readonly rowCapacity: number
  /** First tokens of the texts of each decode. */
  readonly batches: number[][] = []
  readonly batchRows: number[] = []
  rows = 0
  /** Called in the middle of a decode; `asks` is what the library asks there. */
  inBatch: (asks: () => boolean) => DecodeResult = () => "done"
  watched = false
  disposed = false
  #texts: number[][] = []
  #abort: () => boolean = () => false

  constructor(rows: number) {
    this.rowCapacity = rows
  }
  clear(): void {
    this.rows = 0
    this.#texts = []
  }
  clearMemory(): void {}
  addRow(token: number, position: number, sequence: number, wantsOutput: boolean): number {
    const text = this.#texts[sequence] ?? []
    if (position !== text.length || !wantsOutput || sequence > 63 || this.rows === this.rowCapacity)
      throw new Error(`row ${this.rows}: position ${position} of sequence ${sequence}`)
    text.push(token)
    this.#texts[sequence] = text
    this.rows += 1
    return this.rows - 1
  }
  decode(): DecodeResult {
    this.batches.push(this.#texts.map(([first = -1]) => first))
    this.batchRows.push(this.rows)
    now += decodeMs
    return this.inBatch(this.#abort)
  }
  embedding(sequence: number): Float32Array {
    const text = this.#texts[sequence] ?? []
    return Float32Array.of(text[0] ?? -1, text.length)
  }
  setAbort(listener: () => boolean): void {
    this.#abort = listener
  }
  watchAbort(on: boolean): void {
    this.watched = on
  }
  synchronize(): void {}
  [Symbol.dispose](): void {
    this.disposed = true
  }
}

let contexts: ScriptedContext[]
let cancelled: Set<number>
let embedder: Embedder
let now: number
let decodeMs: number
let sizeBytes: number
/** Refuses to make contexts of more rows. */
let mostRows: number

beforeEach(() => start())

function start(): void {
  contexts = []
  cancelled = new Set()
  now = 0
  decodeMs = 1
  sizeBytes = 1_000
  mostRows = CONTEXT_LENGTH
  embedder = new Embedder({
    model: {
      tokenize: (text) => Array.from(text, (letter) => letter.charCodeAt(0)),
      get sizeBytes() {
        return sizeBytes
      },
    },
    contextLength: CONTEXT_LENGTH,
    createContext: (rows) => {
      if (rows > mostRows) throw new AppError("load-failed", { message: "no memory" })
      contexts.push(new ScriptedContext(rows))
      return context() as unknown as NativeContext // the methods that embedding calls
    },
    isCancelled: (requestId) => cancelled.has(requestId),
    onBatchTick: () => {},
    now: () => now,
  })
}

function context(): ScriptedContext {
  const last = contexts.at(-1)
  if (last === undefined) throw new Error("no context was made")
  return last
}

/** Text `index` begins with the token `requestId * 10,000 + index`. */
function add(requestId: number, lengths: readonly number[]): void {
  embedder.add(
    requestId,
    lengths.map((length, index) => [
      requestId * 10_000 + index,
      ...Array.from({ length: length - 1 }, () => 7),
    ]),
  )
}

/** What ended in each step. */
function run(limit = 500): (readonly EmbedEnd[])[] {
  const steps: (readonly EmbedEnd[])[] = []
  for (let step = 0; step < limit && embedder.hasWork; step++) steps.push(embedder.step())
  return steps
}

function idsOf(ends: readonly EmbedEnd[]): number[] {
  return ends.map(({ requestId }) => requestId)
}

/** `[first token, length]` of each text, as the vectors tell. */
function textsOf(end: EmbedEnd | undefined): number[][] {
  if (end?.type !== "done") throw new Error(`not done: ${JSON.stringify(end)}`)
  return end.vectors.map((vector) => [...vector])
}

test("several requests share a decode, and each gets its own vectors in order", () => {
  add(1, [3, 4])
  add(2, [5])
  add(3, [6, 7, 8])
  const [ends = [], ...more] = run()
  expect(more).toEqual([])
  expect(context().batches).toEqual([[10_000, 20_000, 30_000, 10_001, 30_001, 30_002]])
  expect(ends.map(textsOf)).toEqual([
    [
      [10_000, 3],
      [10_001, 4],
    ],
    [[20_000, 5]],
    [
      [30_000, 6],
      [30_001, 7],
      [30_002, 8],
    ],
  ])
  expect(ends).toMatchObject([{ promptTokens: 7 }, { promptTokens: 5 }, { promptTokens: 21 }])
})

test("a short request does not wait for one of two thousand texts", () => {
  add(
    1,
    Array.from({ length: 2_000 }, () => 100),
  )
  embedder.step()
  add(2, [10])
  add(3, [10, 10])
  expect(idsOf(embedder.step())).toEqual([2, 3])
  const last = run().at(-1)
  expect(textsOf(last?.[0]).map(([first]) => first)).toEqual(
    Array.from({ length: 2_000 }, (_, index) => 10_000 + index),
  )
})

test("a text without room goes first in the next decode", () => {
  add(
    1,
    Array.from({ length: 50 }, () => 300),
  )
  add(2, [300])
  expect(run().map(idsOf).slice(0, 2)).toEqual([[], [2]])
})

test("no more texts share a decode than the context has sequences", () => {
  for (let requestId = 1; requestId <= 100; requestId++) add(requestId, [2])
  expect(run().map((ends) => ends.length)).toEqual([64, 36])
})

test("a cancelled request's texts are in no later decode", () => {
  add(1, [300, 300, 300])
  add(2, [200, 200, 200])
  embedder.step()
  cancelled.add(1)
  const [ends = []] = run()
  expect(ends).toMatchObject([
    { type: "failed", requestId: 1, error: { code: "interrupted" } },
    { type: "done", requestId: 2, promptTokens: 600 },
  ])
  expect(context().batches).toEqual([
    [10_000, 20_000],
    [20_001, 20_002],
  ])
})

test("inside a decode only the loss of all its requests is worth a stop", () => {
  add(3, [2])
  embedder.step()
  add(1, [300, 300])
  add(2, [200])
  context().inBatch = (asks) => {
    cancelled.add(1)
    expect(asks()).toBe(false)
    return "done"
  }
  expect(embedder.step()).toMatchObject([
    { type: "failed", requestId: 1, error: { code: "interrupted" } },
    { type: "done", requestId: 2 },
  ])
  add(4, [300, 300])
  add(5, [200, 200])
  context().inBatch = (asks) => {
    cancelled.add(4).add(5)
    expect(asks()).toBe(true)
    return "aborted"
  }
  expect(embedder.step().map(({ type, requestId }) => [type, requestId])).toEqual([
    ["failed", 4],
    ["failed", 5],
  ])
  expect(embedder.hasWork).toBe(false)
})

test("a request without texts is answered at once", () => {
  add(1, [])
  expect(run()).toEqual([[{ type: "done", requestId: 1, vectors: [], promptTokens: 0 }]])
  expect(contexts).toEqual([])
})

test("a text that the context cannot hold is refused with both numbers, an empty one by its place", () => {
  expect(embedder.tokenize("a".repeat(2_000), 0)).toHaveLength(2_000)
  const errorOf = (text: string) => {
    try {
      embedder.tokenize(text, 4)
      return null
    } catch (error) {
      return error
    }
  }
  expect(errorOf("a".repeat(2_001))).toMatchObject({
    code: "context-overflow",
    details: { promptTokens: 2_001, contextLength: 2_000, index: 4 },
  })
  expect(errorOf("")).toMatchObject({ code: "bad-request", details: { index: 4 } })
})

test("a long text makes a larger context and has its decode alone, which holds no others up later", () => {
  add(1, [10, 1_200])
  add(2, [20, 20])
  run()
  expect(contexts.map(({ rowCapacity, disposed }) => [rowCapacity, disposed])).toEqual([
    [512, true],
    [2_000, false],
  ])
  expect(context().batchRows).toEqual([1_200])
  add(
    3,
    Array.from({ length: 10 }, () => 100),
  )
  run()
  expect(context().batchRows).toEqual([1_200, 500, 500])
})

test("a context that cannot be made fails the request that needs it, and the next does not use the one that is gone", () => {
  mostRows = 512
  add(1, [20])
  run()
  add(2, [1_200])
  add(3, [20])
  expect(run().flat()).toMatchObject([
    { type: "failed", requestId: 2, error: { code: "load-failed" } },
    { type: "done", requestId: 3 },
  ])
  expect(contexts.map(({ disposed, batches }) => [disposed, batches])).toEqual([
    [true, [[10_000]]],
    [false, [[30_000]]],
  ])
})

test.each(["no-room", "invalid", "failed"] as const)(
  "a decode that ends in `%s` fails its requests, and the next works",
  (result) => {
    add(9, [2])
    embedder.step()
    context().inBatch = () => result
    add(1, [400])
    add(2, [100, 100])
    add(3, [400])
    expect(embedder.step()).toMatchObject([
      { type: "failed", requestId: 1, error: { code: "internal" } },
      { type: "failed", requestId: 2, error: { code: "internal" } },
    ])
    context().inBatch = () => "done"
    expect(run().map(idsOf)).toEqual([[3]])
  },
)

test.each([
  { firstMs: 1, watched: false },
  { firstMs: 2_990, watched: false },
  { firstMs: 3_010, watched: true },
])("after a decode of $firstMs ms the like of it is watched: $watched", ({ firstMs, watched }) => {
  add(1, [500])
  add(2, [500])
  decodeMs = firstMs
  embedder.step()
  expect(context().watched).toBe(false)
  embedder.step()
  expect(context().watched).toBe(watched)
})

test("the first decode of a large model is watched", () => {
  sizeBytes = 1_000_000_000
  add(1, [10])
  embedder.step()
  expect(context().watched).toBe(true)
})

test("every text comes back in its place, and nobody waits for more decodes than there are requests", () => {
  const jobs = fc.array(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 40 }), { maxLength: 20 })
  fc.assert(
    fc.property(jobs, fc.integer({ min: 0, max: 19 }), (lengths, lost) => {
      start()
      for (const [requestId, texts] of lengths.entries()) add(requestId, texts)
      const steps: (readonly EmbedEnd[])[] = []
      if (embedder.hasWork) steps.push(embedder.step())
      if (!steps.flat().some(({ requestId }) => requestId === lost)) cancelled.add(lost)
      steps.push(...run(10_000))
      const ends = steps.flat()
      expect(idsOf(ends).sort((a, b) => a - b)).toEqual([...lengths.keys()])
      for (const end of ends)
        if (cancelled.has(end.requestId)) expect(end.type).toBe("failed")
        else
          expect(textsOf(end)).toEqual(
            lengths[end.requestId]?.map((length, index) => [end.requestId * 10_000 + index, length]),
          )
      const lastTurn = new Map<number, number>()
      const batches = contexts.flatMap((made) => made.batches)
      for (const [at, firsts] of batches.entries())
        for (const requestId of new Set(firsts.map((first) => Math.floor(first / 10_000)))) {
          expect(at - (lastTurn.get(requestId) ?? -1)).toBeLessThanOrEqual(lengths.length)
          lastTurn.set(requestId, at)
        }
    }),
  )
})

test("clients that ask again are waited for, a little", () => {
  decodeMs = 50
  for (const id of [1, 2, 3]) embedder.add(id, [[id, 0]])
  expect(embedder.gatherMs).toBe(0)
  embedder.step()
  embedder.add(4, [[4, 0]])
  expect(embedder.gatherMs).toBe(10)
  now += 3
  embedder.add(5, [[5, 0]])
  expect(embedder.gatherMs).toBe(7)
  embedder.add(6, [[6, 0]])
  // As many as before: nobody else is expected.
  expect(embedder.gatherMs).toBe(0)
})

test("a client alone is not kept waiting, and nobody for longer than the part of a decode", () => {
  decodeMs = 50
  embedder.add(1, [[1, 0]])
  embedder.step()
  embedder.add(2, [[2, 0]])
  expect(embedder.gatherMs).toBe(0)
  embedder.add(3, [[3, 0]])
  embedder.step()
  embedder.add(4, [[4, 0]])
  now += 11
  expect(embedder.gatherMs).toBe(0)
})

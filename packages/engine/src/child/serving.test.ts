// The main loop against a context that is a script: what happens when a decode does not go well.
import type { LoadPlan } from "@fireside/fit"
import { beforeEach, expect, test } from "vitest"
import { Generation } from "./generation.ts"
import type { FromChild } from "./messages.ts"
import { NO_ADAPTERS } from "./native/adapters.ts"
import type { ContextShape, DecodeResult, NativeContext } from "./native/context.ts"
import type { NativeModel } from "./native/model.ts"
import type { TokenSampler } from "./native/sampler.ts"
import { Serving } from "./serving.ts"

const PLAN = { contextLength: 1_000, streams: 2, threads: 1 } as LoadPlan
const LETTER = 65

interface Row {
  readonly token: number
  readonly position: number
  readonly sequence: number
  readonly wantsOutput: boolean
}

/** Remembers what was decoded, as a real one would. */
class ScriptedContext {
  /** Positions held, by sequence. */
  readonly held = new Map<number, number[]>()
  readonly batches: Row[][] = []
  rows = 0
  readonly rowCapacity = 512
  /** What the next decodes return; then `done`. */
  results: DecodeResult[] = []
  /** Called in the middle of a decode; `asks` is what the library asks there. */
  inBatch: (asks: () => boolean) => void = () => {}
  #batch: Row[] = []
  #abort: () => boolean = () => false
  watched = false

  clear(): void {
    this.#batch = []
    this.rows = 0
  }
  addRow(token: number, position: number, sequence: number, wantsOutput: boolean): number {
    this.#batch.push({ token, position, sequence, wantsOutput })
    this.rows = this.#batch.length
    return this.rows - 1
  }
  decode(): DecodeResult {
    this.inBatch(this.#abort)
    this.inBatch = () => {}
    const result = this.results.shift() ?? "done"
    // An aborted batch leaves its first half behind.
    const kept =
      result === "done" ? this.#batch : result === "aborted" ? this.#batch.slice(0, this.rows / 2) : []
    for (const { position, sequence } of kept) {
      const positions = this.held.get(sequence) ?? []
      if (positions.length !== position)
        throw new Error(`position ${position} after ${positions.length} in sequence ${sequence}`)
      this.held.set(sequence, [...positions, position])
    }
    this.batches.push(this.#batch)
    return result
  }
  cut(sequence: number, from: number): boolean {
    this.held.set(
      sequence,
      (this.held.get(sequence) ?? []).filter((position) => position < from),
    )
    return true
  }
  saveState(sequence: number): Uint8Array | null {
    const positions = this.held.get(sequence) ?? []
    return positions.length === 0 ? null : new Uint8Array(positions.length)
  }
  restoreState(sequence: number, state: Uint8Array): boolean {
    this.held.set(
      sequence,
      Array.from(state, (_, position) => position),
    )
    return true
  }
  sequences = 2
  mostSequences = 2
  reshape: ((shape: ContextShape) => void) | null = null
  share: ((from: number, to: number) => void) | null = null
  copy(from: number, to: number): void {
    this.held.set(to, [...(this.held.get(from) ?? [])])
  }
  setAdapters(): void {}
  setAbort(listener: () => boolean): void {
    this.#abort = listener
  }
  watchAbort(on: boolean): void {
    this.watched = on
  }
  firstPosition(): number {
    return 0
  }
  setThreads(): void {}
  synchronize(): void {}
  clearMemory(): void {}
}

const MODEL = {
  isRecurrent: false,
  sizeBytes: 1_000_000_000,
  slidingWindow: 0,
  isEndOfGeneration: () => false,
  piece: (token: number) => Uint8Array.of(token),
} as unknown as NativeModel // the only fields that serving looks at

let context: ScriptedContext
let sent: FromChild[]
let cancelled: Set<number>
let serving: Serving
let disposed: number[]

beforeEach(() => {
  context = new ScriptedContext()
  sent = []
  cancelled = new Set()
  disposed = []
  let now = 0
  serving = new Serving({
    model: MODEL,
    context: context as unknown as NativeContext, // the methods that serving calls
    plan: PLAN,
    parkedBytes: 1_000_000,
    files: null,
    pace: { msPerRow: 0 },
    isCancelled: (requestId) => cancelled.has(requestId),
    onBatchTick: () => {},
    send: (message) => void sent.push(message),
    now: () => ++now,
  })
})

function add(
  requestId: number,
  promptTokens: number,
  options: { maxTokens?: number; cachePrompt?: boolean; beginning?: number } = {},
): Generation {
  const sampler: TokenSampler = {
    lookBack: 0,
    observe: () => {},
    sample: () => LETTER,
    [Symbol.dispose]: () => void disposed.push(requestId),
  }
  const generation = new Generation({
    requestId,
    prompt: Array.from({ length: promptTokens }, (_, index) =>
      index < (options.beginning ?? 0) ? index : requestId * 1_000 + index,
    ),
    sampler,
    adapters: NO_ADAPTERS,
    stop: [],
    maxTokens: options.maxTokens ?? 3,
    contextLength: PLAN.contextLength,
    cachePrompt: options.cachePrompt ?? true,
    isRepeatable: false,
    markers: new Set(),
    ignoreEnd: false,
    startedAtMs: 0,
  })
  serving.add(generation)
  return generation
}

function run(limit = 100): void {
  for (let step = 0; step < limit && serving.hasWork; step++) serving.step()
}

function textOf(requestId: number): string {
  return sent
    .flatMap((message) => (message.type === "step" ? message.deltas : []))
    .filter((delta) => delta.requestId === requestId)
    .map(({ text }) => text)
    .join("")
}

function endsOf(requestId: number): unknown[] {
  const ends: unknown[] = []
  for (const message of sent) {
    if (message.type === "step") ends.push(...message.ends.filter((end) => end.requestId === requestId))
    if (message.type === "failed" && message.requestId === requestId) ends.push(message.error)
  }
  return ends
}

test("one message a step, with every stream's text in it", () => {
  add(1, 10)
  add(2, 10)
  run()
  const steps = sent.filter((message) => message.type === "step")
  expect(steps.map(({ deltas }) => deltas.length)).toEqual([2, 2, 2])
  expect(endsOf(1)).toMatchObject([{ reason: "length", usage: { promptTokens: 10, completionTokens: 3 } }])
  expect(disposed).toEqual([1, 2])
})

test("only the last row of a prompt asks for logits", () => {
  add(1, 600, { maxTokens: 1 })
  run()
  expect(context.batches.map((rows) => rows.length)).toEqual([128, 472])
  expect(
    context.batches
      .flat()
      .filter(({ wantsOutput }) => wantsOutput)
      .map(({ position }) => position),
  ).toEqual([599])
})

test("progress is told while a prompt goes on, not when it is done", () => {
  add(1, 600, { maxTokens: 1 })
  run()
  const progress = sent.flatMap((message) => (message.type === "step" ? message.progress : []))
  expect(progress).toEqual([{ requestId: 1, doneTokens: 128, totalTokens: 600 }])
})

test("a stream beyond the sequences waits, and is not lost", () => {
  for (const requestId of [1, 2, 3]) add(requestId, 5)
  serving.step()
  expect(serving.activity).toMatchObject({ streams: 2, queued: 1 })
  run()
  expect(textOf(3)).toBe("AAA")
  expect(serving.isEmpty).toBe(true)
})

/** Takes each shape that it is asked for, and remembers it. */
function makeElastic(): ContextShape[] {
  const shapes: ContextShape[] = []
  context.mostSequences = 8
  context.reshape = (shape) => {
    shapes.push(shape)
    context.sequences = Math.max(context.sequences, shape.sequences)
    context.share = shape.sharesCells ? (from, to) => context.copy(from, to) : null
  }
  return shapes
}

test("there is a sequence for each request when the context can grow, asked for once", () => {
  const shapes = makeElastic()
  for (const requestId of [1, 2, 3, 4]) add(requestId, 5)
  serving.step()
  expect(serving.activity).toMatchObject({ streams: 4, queued: 0 })
  run()
  add(5, 5)
  run()
  expect(shapes).toEqual([{ sequences: 4, sharesCells: false }])
  expect(textOf(4)).toBe("AAA")
})

test("one request leaves the context as it is", () => {
  const shapes = makeElastic()
  add(1, 600)
  run()
  expect(shapes).toEqual([])
})

test("requests with one long beginning get common cells, and cells of their own when those are full", () => {
  const shapes = makeElastic()
  for (const requestId of [1, 2, 3]) add(requestId, 600, { beginning: 500 })
  serving.step()
  expect(shapes).toEqual([{ sequences: 3, sharesCells: true }])
  context.results = ["no-room"]
  run()
  expect(shapes).toEqual([
    { sequences: 3, sharesCells: true },
    { sequences: 3, sharesCells: false },
  ])
  for (const requestId of [1, 2, 3]) expect(endsOf(requestId)).toMatchObject([{ reason: "length" }])
  expect([1, 2, 3].map(textOf)).toEqual(["AAA", "AAA", "AAA"])
})

test("streams that run with more than common cells may have room for get cells of their own when the context grows", () => {
  const shapes = makeElastic()
  for (const requestId of [1, 2]) add(requestId, 600, { beginning: 500, maxTokens: 50 })
  while (
    !sent.some((message) => message.type === "step" && message.streams === 2 && message.deltas.length === 2)
  )
    serving.step()
  add(3, 600, { beginning: 500 })
  serving.step()
  expect(shapes).toEqual([
    { sequences: 2, sharesCells: true },
    // Each of them brings the beginning along: 1,200 tokens, and the context has 1,000 for certain.
    { sequences: 3, sharesCells: false },
  ])
  run()
  for (const requestId of [1, 2, 3]) expect(endsOf(requestId)).toMatchObject([{ reason: "length" }])
})

test("a queue that does not change is not compared again in each step", () => {
  const shapes = makeElastic()
  context.mostSequences = 2
  for (const requestId of [1, 2]) add(requestId, 5, { maxTokens: 900 })
  serving.step()
  const queued = add(3, 600)
  const { tokens } = queued
  let reads = 0
  const read = () => {
    reads += 1
    return tokens
  }
  Object.defineProperty(queued, "tokens", { get: read })
  const readsOfStep = () => {
    reads = 0
    serving.step()
    return reads
  }
  const perStep = Array.from({ length: 6 }, readsOfStep)
  // The first one compares its 600 tokens, the others only ask whether there is a place for it.
  expect(perStep.slice(1)).toEqual([1, 1, 1, 1, 1])
  expect(perStep[0]).toBeGreaterThan(1)
  expect(shapes).toEqual([])
})

test("a batch that is aborted for one stream is computed again for the others", () => {
  // Prompts and running streams are in one batch.
  context.share = () => {}
  add(1, 5, { maxTokens: 10 })
  serving.step()
  add(2, 600)
  context.results = ["aborted"]
  context.inBatch = (asks) => {
    expect(asks()).toBe(false)
    cancelled.add(2)
    expect(asks()).toBe(true)
  }
  serving.step()
  expect(endsOf(2)).toMatchObject([{ code: "interrupted" }])
  run()
  expect(textOf(1)).toBe("A".repeat(10))
  expect(endsOf(1)).toMatchObject([{ reason: "length" }])
})

test("the loss of a stream that only decodes is not worth a stop", () => {
  add(1, 5, { maxTokens: 10 })
  serving.step()
  add(2, 600)
  context.inBatch = (asks) => {
    cancelled.add(1)
    expect(asks()).toBe(false)
  }
  serving.step()
  run()
  expect(endsOf(1)).toMatchObject([{ code: "interrupted" }])
  expect(textOf(2)).toBe("AAA")
})

test("a batch that may take long is watched, a short one is not", () => {
  add(1, 600, { maxTokens: 5 })
  serving.step()
  expect(context.watched).toBe(true)
  run()
  expect(context.watched).toBe(false)
})

test("a full memory first loses what nobody needs", () => {
  add(1, 100)
  run()
  add(2, 50)
  context.results = ["no-room"]
  run()
  expect(textOf(2)).toBe("AAA")
  expect(context.held.get(0)).toEqual([])
})

test("a full memory with nothing to lose ends the longest stream in `length`, the others go on", () => {
  add(1, 20, { maxTokens: 10 })
  add(2, 90, { maxTokens: 10 })
  serving.step()
  context.results = ["no-room"]
  run()
  expect(endsOf(2)).toMatchObject([{ reason: "length", usage: { completionTokens: 1 } }])
  expect(textOf(1)).toBe("A".repeat(10))
})

test("a prompt for which there is no room is refused with numbers", () => {
  add(1, 90)
  context.results = ["no-room"]
  run()
  expect(endsOf(1)).toMatchObject([
    { code: "context-overflow", details: { promptTokens: 90, contextLength: 1_000 } },
  ])
})

test("a decode that fails ends its streams, and the next request works", () => {
  add(1, 10)
  context.results = ["failed"]
  run()
  expect(endsOf(1)).toMatchObject([{ code: "internal" }])
  add(2, 10)
  run()
  expect(textOf(2)).toBe("AAA")
})

test("what may not be kept is not kept", () => {
  add(1, 30, { cachePrompt: false })
  run()
  expect(context.held.get(0)).toEqual([])
  add(1, 30)
  run()
  expect(endsOf(1).at(-1)).toMatchObject({ usage: { cachedTokens: 0 } })
  add(1, 30)
  run()
  expect(endsOf(1).at(-1)).toMatchObject({ usage: { cachedTokens: 29 } })
})

test("a paused stream waits, its neighbours do not", () => {
  add(1, 5, { maxTokens: 5 })
  add(2, 5, { maxTokens: 5 })
  serving.step()
  serving.setPaused(1, true)
  run()
  expect([textOf(1), textOf(2)]).toEqual(["A", "AAAAA"])
  expect(serving.isEmpty).toBe(false)
  serving.setPaused(1, false)
  run()
  expect(textOf(1)).toBe("AAAAA")
})

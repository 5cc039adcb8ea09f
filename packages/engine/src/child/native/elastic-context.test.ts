// Growing moves what sequences hold, with a tiny model in this very process.
import { AppError } from "@fireside/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ContextShape, createContext, type NativeContext } from "./context.ts"
import { createElasticContext } from "./elastic-context.ts"
import type { NativeLibrary } from "./library.ts"
import type { NativeModel } from "./model.ts"
import { fillBatch, loadTinyNative } from "./tiny-model.fixture.ts"

const PROMPT = Array.from({ length: 100 }, (_, index) => (index * 37) % 200)

const ONE: ContextShape = { sequences: 1, sharesCells: false }

let library: NativeLibrary
let model: NativeModel

beforeAll(() => {
  ;({ library, model } = loadTinyNative())
})
afterAll(() => model[Symbol.dispose]())

function create({ sequences, sharesCells }: ContextShape): NativeContext {
  return createContext(library, model, {
    cellsPerSequence: 256,
    sequences,
    sharesCells,
    batchRows: 128,
    microBatchRows: 64,
    kvType: "f16",
    threads: 1,
    pool: null,
  })
}

function decode(context: NativeContext, tokens: readonly number[], from: number, sequence = 0): Float32Array {
  const row = fillBatch(context, tokens, { from, sequence })
  expect(context.decode()).toBe("done")
  return Float32Array.from(context.logits(row))
}

test("what a sequence holds is the same bits after growing, and there is room for others", () => {
  using fixed = create({ sequences: 4, sharesCells: false })
  decode(fixed, PROMPT, 0)
  const expected = decode(fixed, [7], PROMPT.length)
  using context = createElasticContext({ create, first: ONE, most: 4 })
  decode(context, PROMPT, 0)
  context.reshape?.({ sequences: 3, sharesCells: false })
  expect(context.sequences).toBe(4)
  decode(context, PROMPT.slice(0, 10), 0, 3)
  expect(decode(context, [7], PROMPT.length)).toEqual(expected)
})

test("a state saved before growing is taken after it", () => {
  using context = createElasticContext({ create, first: ONE, most: 2 })
  decode(context, PROMPT, 0)
  const state = context.saveState(0)
  const expected = decode(context, [7], PROMPT.length)
  context.reshape?.({ sequences: 2, sharesCells: false })
  expect(context.restoreState(1, state ?? new Uint8Array())).toBe(true)
  expect(decode(context, [7], PROMPT.length, 1)).toEqual(expected)
})

test("what a sequence holds can be shared when the cells become common, and moves back", () => {
  using context = createElasticContext({ create, first: ONE, most: 2 })
  decode(context, PROMPT, 0)
  const state = context.saveState(0)
  const expected = decode(context, [7], PROMPT.length)
  context.cut(0, PROMPT.length)
  context.reshape?.({ sequences: 2, sharesCells: true })
  context.share?.(0, 1)
  expect(context.saveState(0)).toEqual(state)
  expect(decode(context, [7], PROMPT.length, 1)).toEqual(expected)
  context.cut(1, PROMPT.length)
  context.reshape?.({ sequences: 1, sharesCells: false })
  expect(context.share).toBeNull()
  expect(context.sequences).toBe(2)
  expect(context.saveState(0)).toEqual(state)
  expect(decode(context, [7], PROMPT.length, 1)).toEqual(expected)
})

test("it grows to powers of two, no further than asked for at first, and never shrinks", () => {
  using context = createElasticContext({ create, first: ONE, most: 6 })
  const sizes = [1, 2, 3, 5, 9, 1].map((wanted) => {
    context.reshape?.({ sequences: wanted, sharesCells: false })
    return context.sequences
  })
  expect(sizes).toEqual([1, 2, 4, 6, 6, 6])
})

test("where there is no memory for more it stays as it was, and does not try again", () => {
  const asked: number[] = []
  using context = createElasticContext({
    create: (shape) => {
      asked.push(shape.sequences)
      if (shape.sequences > 1) throw new AppError("load-failed", { message: "no memory" })
      return create(shape)
    },
    first: ONE,
    most: 4,
  })
  decode(context, PROMPT, 0)
  const state = context.saveState(0)
  context.reshape?.({ sequences: 2, sharesCells: false })
  context.reshape?.({ sequences: 2, sharesCells: false })
  expect(asked).toEqual([1, 2, 1])
  expect([context.sequences, context.mostSequences]).toEqual([1, 1])
  expect(context.saveState(0)).toEqual(state)
})

test("the abort that was set is asked after growing too", () => {
  using context = createElasticContext({ create, first: ONE, most: 2 })
  context.setAbort(() => true)
  context.reshape?.({ sequences: 2, sharesCells: false })
  context.watchAbort(true)
  context.clear()
  for (const [position, token] of PROMPT.entries()) context.addRow(token, position, 0, false)
  expect(context.decode()).toBe("aborted")
})

// Growing moves what sequences hold, with a tiny model in this very process.
import { AppError } from "@fireside/protocol"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ContextShape, createContext, type NativeContext } from "./context.ts"
import { createElasticContext } from "./elastic-context.ts"
import type { NativeLibrary } from "./library.ts"
import type { NativeModel } from "./model.ts"
import { cellsIn, toPortableState } from "./portable-state.ts"
import { fillBatch, loadTinyNative } from "./tiny-model.fixture.ts"

const PROMPT = Array.from({ length: 100 }, (_, index) => (index * 37) % 200)

const CELLS = 256
const ONE: ContextShape = { sequences: 1, sharesCells: false, cellsPerSequence: CELLS }

let library: NativeLibrary
let model: NativeModel

beforeAll(() => {
  ;({ library, model } = loadTinyNative())
})
afterAll(() => model[Symbol.dispose]())

function create({ sequences, sharesCells, cellsPerSequence }: ContextShape): NativeContext {
  return createContext(library, model, {
    cellsPerSequence,
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
  using fixed = create({ sequences: 4, sharesCells: false, cellsPerSequence: CELLS })
  decode(fixed, PROMPT, 0)
  const expected = decode(fixed, [7], PROMPT.length)
  using context = createElasticContext({
    create,
    first: ONE,
    most: { sequences: 4, cellsPerSequence: CELLS },
  })
  decode(context, PROMPT, 0)
  context.reshape?.({ sequences: 3, sharesCells: false, cellsPerSequence: CELLS })
  expect(context.sequences).toBe(4)
  decode(context, PROMPT.slice(0, 10), 0, 3)
  expect(decode(context, [7], PROMPT.length)).toEqual(expected)
})

test("a state saved before growing is taken after it", () => {
  using context = createElasticContext({
    create,
    first: ONE,
    most: { sequences: 2, cellsPerSequence: CELLS },
  })
  decode(context, PROMPT, 0)
  const state = context.saveState(0)
  const expected = decode(context, [7], PROMPT.length)
  context.reshape?.({ sequences: 2, sharesCells: false, cellsPerSequence: CELLS })
  expect(context.restoreState(1, state ?? new Uint8Array())).toBe(true)
  expect(decode(context, [7], PROMPT.length, 1)).toEqual(expected)
})

test("what a sequence holds can be shared when the cells become common, and moves back", () => {
  using context = createElasticContext({
    create,
    first: ONE,
    most: { sequences: 2, cellsPerSequence: CELLS },
  })
  decode(context, PROMPT, 0)
  const state = context.saveState(0)
  const expected = decode(context, [7], PROMPT.length)
  context.cut(0, PROMPT.length)
  context.reshape?.({ sequences: 2, sharesCells: true, cellsPerSequence: CELLS })
  context.share?.(0, 1)
  expect(context.saveState(0)).toEqual(state)
  expect(decode(context, [7], PROMPT.length, 1)).toEqual(expected)
  context.cut(1, PROMPT.length)
  context.reshape?.({ sequences: 1, sharesCells: false, cellsPerSequence: CELLS })
  expect(context.share).toBeNull()
  expect(context.sequences).toBe(2)
  expect(context.saveState(0)).toEqual(state)
  expect(decode(context, [7], PROMPT.length, 1)).toEqual(expected)
})

test("it grows to powers of two, no further than asked for at first, and never shrinks", () => {
  using context = createElasticContext({
    create,
    first: ONE,
    most: { sequences: 6, cellsPerSequence: CELLS },
  })
  const sizes = [1, 2, 3, 5, 9, 1].map((wanted) => {
    context.reshape?.({ sequences: wanted, sharesCells: false, cellsPerSequence: CELLS })
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
    most: { sequences: 4, cellsPerSequence: CELLS },
  })
  decode(context, PROMPT, 0)
  const state = context.saveState(0)
  context.reshape?.({ sequences: 2, sharesCells: false, cellsPerSequence: CELLS })
  context.reshape?.({ sequences: 2, sharesCells: false, cellsPerSequence: CELLS })
  expect(asked).toEqual([1, 2, 1])
  expect([context.sequences, context.mostSequences]).toEqual([1, 1])
  expect(context.saveState(0)).toEqual(state)
})

test("the abort that was set is asked after growing too", () => {
  using context = createElasticContext({
    create,
    first: ONE,
    most: { sequences: 2, cellsPerSequence: CELLS },
  })
  context.setAbort(() => true)
  context.reshape?.({ sequences: 2, sharesCells: false, cellsPerSequence: CELLS })
  context.watchAbort(true)
  context.clear()
  for (const [position, token] of PROMPT.entries()) context.addRow(token, position, 0, false)
  expect(context.decode()).toBe("aborted")
})

/** Of one sequence that may get four times its cells; the library counts them in steps of 256. */
const createShort = (make = create) =>
  createElasticContext({
    create: make,
    first: ONE,
    most: { sequences: 4, cellsPerSequence: 4 * CELLS },
  })

const LONG = Array.from({ length: 300 }, (_, index) => (index * 53) % 200)

test("a sequence gets twice the cells when they are full, and holds the same bits", () => {
  using fixed = create({ sequences: 1, sharesCells: false, cellsPerSequence: 4 * CELLS })
  using context = createShort()
  for (const from of [0, 100]) {
    decode(fixed, LONG.slice(from, from + 100), from)
    decode(context, LONG.slice(from, from + 100), from)
  }
  fillBatch(context, LONG.slice(200), { from: 200, sequence: 0 })
  expect(context.decode()).toBe("no-room")
  context.cut(0, 200)
  context.reshape?.({ sequences: 1, sharesCells: false, cellsPerSequence: CELLS + 1 })
  expect(context.cellsPerSequence).toBe(2 * CELLS)
  expect(decode(context, LONG.slice(200), 200)).toEqual(decode(fixed, LONG.slice(200), 200))
  context.reshape?.({ sequences: 1, sharesCells: false, cellsPerSequence: 9 * CELLS })
  expect(context.cellsPerSequence).toBe(4 * CELLS)
})

test("a state of more tokens than the sequences have room for gets it, and others keep what they hold", () => {
  using long = create({ sequences: 1, sharesCells: false, cellsPerSequence: 2 * CELLS })
  for (const from of [0, 100, 200]) decode(long, LONG.slice(from, from + 100), from)
  using context = createShort()
  context.reshape?.({ sequences: 2, sharesCells: false, cellsPerSequence: 0 })
  decode(context, PROMPT, 0)
  const kept = context.saveState(0)
  const state = toPortableState(long.saveState(0) ?? new Uint8Array(), 1)
  if (state === null) throw new Error("no state")
  expect(cellsIn(state)).toBe(300)
  expect(context.restoreState(1, state)).toBe(true)
  expect([context.sequences, context.cellsPerSequence]).toEqual([2, 2 * CELLS])
  expect(context.saveState(0)).toEqual(kept)
  expect(decode(context, [7], 300, 1)).toEqual(decode(long, [7], 300))
})

test("a state of more tokens than there may ever be is not taken, and nothing grows for it", () => {
  using long = create({ sequences: 1, sharesCells: false, cellsPerSequence: 2 * CELLS })
  for (const from of [0, 100, 200]) decode(long, LONG.slice(from, from + 100), from)
  using context = createElasticContext({ create, first: ONE, most: ONE })
  const state = toPortableState(long.saveState(0) ?? new Uint8Array(), 1)
  if (state === null) throw new Error("no state")
  expect(context.restoreState(0, state)).toBe(false)
  expect(context.cellsPerSequence).toBe(CELLS)
  expect(context.saveState(0)).toBeNull()
})

test("what filled common cells has room when each sequence gets its own", () => {
  using context = createElasticContext({
    create: (shape) => create(shape.sharesCells ? { ...shape, cellsPerSequence: 2 * CELLS } : shape),
    first: ONE,
    most: { sequences: 2, cellsPerSequence: 4 * CELLS },
  })
  context.reshape?.({ sequences: 2, sharesCells: true, cellsPerSequence: 0 })
  for (const from of [0, 100, 200]) decode(context, LONG.slice(from, from + 100), from)
  const state = context.saveState(0)
  context.reshape?.({ sequences: 2, sharesCells: false, cellsPerSequence: 0 })
  expect(context.cellsPerSequence).toBe(2 * CELLS)
  expect(context.saveState(0)).toEqual(state)
})

test("where there is no memory for more cells it has those that it had, and does not try again", () => {
  let asked = 0
  using context = createShort((shape) => {
    asked += 1
    if (shape.cellsPerSequence > CELLS) throw new AppError("load-failed", { message: "no memory" })
    return create(shape)
  })
  decode(context, PROMPT, 0)
  const state = context.saveState(0)
  for (let again = 0; again < 2; again++)
    context.reshape?.({ sequences: 1, sharesCells: false, cellsPerSequence: CELLS + 1 })
  expect([asked, context.cellsPerSequence, context.mostSequences]).toEqual([3, CELLS, 4])
  expect(context.saveState(0)).toEqual(state)
})

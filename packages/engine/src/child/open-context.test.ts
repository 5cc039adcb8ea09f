// With which shape a context begins, and whether it may take another.
import type { LoadPlan } from "@fireside/fit"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { NativeContext } from "./native/context.ts"
import type { NativeLibrary } from "./native/library.ts"
import type { NativeModel } from "./native/model.ts"
import { loadTinyNative } from "./native/tiny-model.fixture.ts"
import { canOpenApart, openContext } from "./open-context.ts"

const PLAN = {
  contextLength: 2_048,
  streams: 4,
  batchRows: 64,
  microBatchRows: 64,
  kvType: "f16",
  threads: 1,
  gpuLayers: 0,
} as LoadPlan

let library: NativeLibrary
let model: NativeModel

beforeAll(() => {
  ;({ library, model } = loadTinyNative())
})
afterAll(() => model[Symbol.dispose]())

const partsOf = (change: Partial<LoadPlan>) => ({ library, model, pool: null, plan: { ...PLAN, ...change } })
const shapeOf = ({ sequences, cellsPerSequence, share, reshape }: NativeContext) => ({
  ...{ sequences, cellsPerSequence },
  ...{ shares: share !== null, isFixed: reshape === null },
})

test.each([
  ["one short sequence", {}, { sequences: 1, cellsPerSequence: 1_024, shares: false, isFixed: false }],
  ["a short context whole", { contextLength: 512 }, { sequences: 1, cellsPerSequence: 512 }],
  ["common cells whole", { sharesCells: true }, { sequences: 1, cellsPerSequence: 2_048, shares: true }],
  [
    "all of it, where its length decides what is computed",
    { fixedContext: true },
    { sequences: 4, cellsPerSequence: 2_048, isFixed: true },
  ],
])("%s", (_, change, expected) => {
  const parts = partsOf(change)
  using context = openContext(parts)
  expect(shapeOf(context)).toMatchObject(expected)
  expect(canOpenApart(parts)).toBe(context.reshape !== null)
})

test("it grows to the length that was planned, and no further", () => {
  using context = openContext(partsOf({}))
  context.reshape?.({ sequences: 9, cellsPerSequence: 100_000, sharesCells: false })
  expect(shapeOf(context)).toMatchObject({ sequences: 4, cellsPerSequence: 2_048 })
})

// The shapes that the main loop asks the context for.
import { beforeEach, expect, test } from "vitest"
import type { ContextShape } from "./native/context.ts"
import { createScriptedServing, type ScriptedServing } from "./serving.fixture.ts"

let context: ScriptedServing["context"]
let sent: ScriptedServing["sent"]
let serving: ScriptedServing["serving"]
let add: ScriptedServing["add"]
let run: ScriptedServing["run"]
let textOf: ScriptedServing["textOf"]
let endsOf: ScriptedServing["endsOf"]

beforeEach(() => {
  ;({ context, sent, serving, add, run, textOf, endsOf } = createScriptedServing())
})

/** Takes each shape that it is asked for, and remembers it. */
function makeElastic(): ContextShape[] {
  const shapes: ContextShape[] = []
  context.mostSequences = 8
  context.reshape = (shape) => {
    shapes.push(shape)
    context.sequences = Math.max(context.sequences, shape.sequences)
    context.cellsPerSequence = Math.max(context.cellsPerSequence, shape.cellsPerSequence)
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
  // 256 for the answer.
  expect(shapes).toEqual([{ sequences: 4, sharesCells: false, cellsPerSequence: 261 }])
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
  expect(shapes).toMatchObject([{ sequences: 3, sharesCells: true }])
  context.results = ["no-room"]
  run()
  expect(shapes).toMatchObject([
    { sequences: 3, sharesCells: true },
    { sequences: 3, sharesCells: false, cellsPerSequence: 0 },
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
  expect(shapes).toMatchObject([
    { sequences: 2, sharesCells: true },
    // Each of them brings the beginning along: 1,200 tokens, and the context has 1,000 for certain.
    { sequences: 3, sharesCells: false, cellsPerSequence: 858 },
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

/** Tokens that each sequence of the context holds, most first. */
const heldTokens = () => [...context.held.values()].map(({ length }) => length).sort((a, b) => b - a)

test("what a crowd left in common cells goes when somebody comes alone, also with the same few words in front", () => {
  makeElastic()
  for (const requestId of [1, 2, 3]) add(requestId, 600, { beginning: 500 })
  run()
  expect(heldTokens()).toEqual([602, 602, 602])
  add(4, 50, { beginning: 40 })
  run()
  expect(heldTokens()).toEqual([52, 0, 0])
  expect(endsOf(4)).toMatchObject([{ usage: { cachedTokens: 40 } }])
})

test("who comes back to a long chat alone leaves the others where they are", () => {
  makeElastic()
  for (const requestId of [1, 2, 3]) add(requestId, 600, { beginning: 500 })
  run()
  add(4, 600, { beginning: 500 })
  run()
  expect(heldTokens()).toHaveLength(3)
  expect(heldTokens().every((held) => held > 500)).toBe(true)
})

test("a text that has no room gets it, as far as its prompt goes, and loses nothing", () => {
  const shapes = makeElastic()
  context.cellsPerSequence = 64
  context.results = ["done", "no-room", "done", "no-room"]
  add(1, 600, { maxTokens: 20 })
  run()
  expect(shapes).toEqual([
    { sequences: 2, sharesCells: false, cellsPerSequence: 856 },
    // They were not enough.
    { sequences: 2, sharesCells: false, cellsPerSequence: 857 },
  ])
  expect(endsOf(1)).toMatchObject([{ reason: "length" }])
  expect(textOf(1)).toBe("A".repeat(20))
})

test("where there is no memory for more room, the longest text ends", () => {
  context.reshape = () => {}
  context.cellsPerSequence = 64
  context.results = ["done", "done", "no-room"]
  add(1, 10, { maxTokens: 900 })
  run()
  expect(endsOf(1)).toMatchObject([{ reason: "length" }])
  expect(textOf(1)).toBe("AA")
})

test("a context of full length does not grow", () => {
  const shapes = makeElastic()
  context.results = ["done", "no-room"]
  add(1, 10, { maxTokens: 5 })
  run()
  expect(shapes).toEqual([])
})

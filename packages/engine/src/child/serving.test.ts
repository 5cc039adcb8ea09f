// The main loop against a context that is a script: what happens when a decode does not go well.
import { beforeEach, expect, test } from "vitest"
import { createScriptedServing, type ScriptedServing } from "./serving.fixture.ts"

let context: ScriptedServing["context"]
let sent: ScriptedServing["sent"]
let cancelled: ScriptedServing["cancelled"]
let serving: ScriptedServing["serving"]
let disposed: ScriptedServing["disposed"]
let add: ScriptedServing["add"]
let run: ScriptedServing["run"]
let textOf: ScriptedServing["textOf"]
let endsOf: ScriptedServing["endsOf"]

beforeEach(() => {
  ;({ context, sent, cancelled, serving, disposed, add, run, textOf, endsOf } = createScriptedServing())
})

const deltaCounts = () => sent.flatMap((message) => (message.type === "step" ? [message.deltas.length] : []))

test("one message for short steps, with every stream's text in it, after one for the first words", () => {
  add(1, 10)
  add(2, 10)
  run()
  expect(deltaCounts()).toEqual([2, 4])
  expect(endsOf(1)).toMatchObject([{ reason: "length", usage: { promptTokens: 10, completionTokens: 3 } }])
  expect(disposed).toEqual([1, 2])
})

test("words do not wait while another's prompt is computed", () => {
  add(1, 10, { maxTokens: 9 })
  run(2)
  expect(deltaCounts()).toEqual([1])
  add(2, 600)
  serving.step()
  expect(deltaCounts()).toEqual([1, 1])
})

test("words go when they are asked for, once", () => {
  add(1, 10, { maxTokens: 9 })
  run(3)
  serving.flush()
  serving.flush()
  expect(deltaCounts()).toEqual([1, 2])
})

test("a failure comes after the words before it", () => {
  add(1, 10, { maxTokens: 9 })
  run(3)
  cancelled.add(1)
  run()
  expect(sent.map((message) => message.type)).toEqual(["step", "step", "failed"])
  expect(textOf(1)).toBe("AAA")
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

test("streams that decode together: one pauses, both go on, one is lost, another comes", () => {
  const streams = [add(1, 10, { maxTokens: 200 }), add(2, 10, { maxTokens: 200 })]
  const goOn = () => {
    const before = streams.map(({ generated }) => generated)
    run(2)
    return streams.map(({ generated }, place) => generated > (before[place] ?? 0))
  }
  run(3)
  serving.setPaused(1, true)
  expect(goOn()).toEqual([false, true])
  serving.setPaused(1, false)
  expect(goOn()).toEqual([true, true])
  cancelled.add(2)
  expect(goOn()).toEqual([true, false])
  add(3, 1, { maxTokens: 1 })
  run(2)
  expect(endsOf(3)).toMatchObject([{ reason: "length" }])
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

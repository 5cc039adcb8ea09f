// The life of a model over crashes of its process, with processes that are scripts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest"
import { errorOf, eventsOf, NEVER, plain, TINY_PLAN } from "../llama-engine.fixture.ts"
import { createLlamaEngine, type LlamaEngine } from "../llama-engine.ts"
import {
  answerLoads,
  LOADED,
  type ManualClock,
  manualClock,
  type ScriptedChild,
  scriptedChild,
} from "./scripted-child.fixture.ts"

const USAGE = { promptTokens: 2, cachedTokens: 0, completionTokens: 1 }

let clock: ManualClock
let children: ScriptedChild[]
let engine: LlamaEngine
let path: string
/** What a child does with a request. */
let onGenerate: (requestId: number, child: ScriptedChild) => void

beforeEach(() => {
  clock = manualClock()
  children = []
  const folder = mkdtempSync(join(tmpdir(), "fireside-scripted-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  path = join(folder, "tiny.gguf")
  writeFileSync(path, buildTinyModel())
  onGenerate = (requestId, child) => {
    child.say({ type: "prompt-ready", requestId, promptTokens: 2, parser: null, notices: [] })
    const end = {
      requestId,
      reason: "stop",
      usage: USAGE,
      prefillMs: 10,
      decodeMs: 0,
      draftedTokens: 0,
      acceptedTokens: 0,
    }
    child.say({
      type: "step",
      deltas: [{ requestId, text: "hi" }],
      progress: [],
      ends: [end],
      streams: 0,
      queued: 0,
      threads: 1,
    })
  }
  engine = createLlamaEngine({
    clock,
    childEntry: "/child.js",
    startChild: () => {
      const child = scriptedChild((message, self) => {
        answerLoads(message, self)
        if (message.type === "generate") queueMicrotask(() => onGenerate(message.requestId, self))
      })
      children.push(child)
      return child
    },
  })
})
afterEach(() => engine[Symbol.asyncDispose]())

const load = () => engine.load({ name: "tiny", path }, TINY_PLAN, NEVER)
const crash: typeof onGenerate = (_, child) => child.end({ code: null, signal: "SIGSEGV" })

test("an answer comes through as events", async () => {
  await using model = await load()
  const events = await eventsOf(model.generate(plain("x"), {}, NEVER))
  expect(events.map(({ type }) => type)).toEqual(["start", "prompt-progress", "text-delta", "finish"])
  expect(events[1]).toEqual({ type: "prompt-progress", doneTokens: 0, totalTokens: 2 })
})

test("a restart that fails while nobody waits for it is nobody's unhandled rejection", async () => {
  await using model = await load()
  const works = onGenerate
  onGenerate = crash
  for (let crashes = 0; crashes < 3; crashes += 1) {
    const answer = errorOf(model.generate(plain("x"), {}, NEVER))
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(10_000)
    await answer
  }
  onGenerate = works
  // Quarantined: the restart is refused at once, and who asked had left before.
  await expect(model.embed(["x"], AbortSignal.abort())).rejects.toMatchObject({ code: "interrupted" })
  await new Promise((resolve) => setImmediate(resolve))
})

test("after a crash the same model answers from a new process, when the wait is over", async () => {
  await using model = await load()
  const works = onGenerate
  onGenerate = crash
  expect((await errorOf(model.generate(plain("x"), {}, NEVER))).code).toBe("engine-crashed")
  onGenerate = works
  const next = eventsOf(model.generate(plain("x"), {}, NEVER))
  await clock.advance(499)
  expect(children).toHaveLength(1)
  await clock.advance(1)
  const events = await next
  expect(children).toHaveLength(2)
  expect(events.at(-1)).toMatchObject({ type: "finish", timings: { loadMs: 500 } })
})

test("who watches the process hears its end and its successor, also when the request that started it has left", async () => {
  await using model = await load()
  const heard: boolean[] = []
  model.onProcess?.((isAlive) => void heard.push(isAlive))
  children[0]?.end({ code: 1, signal: null })
  await clock.advance(0)
  expect(heard).toEqual([false])
  const abort = new AbortController()
  const left = eventsOf(model.generate(plain("x"), {}, abort.signal))
  await clock.advance(100)
  abort.abort()
  await left
  await clock.advance(400)
  expect(heard).toEqual([false, true])
  expect((await eventsOf(model.generate(plain("x"), {}, NEVER))).at(-1)?.type).toBe("finish")
  expect(children).toHaveLength(2)
})

test("requests that wait for a restart share it", async () => {
  await using model = await load()
  children[0]?.end({ code: 1, signal: null })
  await clock.advance(0)
  const both = [1, 2, 3].map(() => eventsOf(model.generate(plain("x"), {}, NEVER)))
  await clock.advance(500)
  for (const events of await Promise.all(both)) expect(events.at(-1)?.type).toBe("finish")
  expect(children).toHaveLength(2)
})

test("three crashes in five minutes quarantine the model, for its other users too; later it is tried again", async () => {
  await using model = await load()
  const works = onGenerate
  onGenerate = crash
  for (let count = 0; count < 3; count++) {
    const failed = errorOf(model.generate(plain("x"), {}, NEVER))
    await clock.advance(5_000)
    expect((await failed).code).toBe("engine-crashed")
  }
  const refused = await errorOf(model.generate(plain("x"), {}, NEVER))
  expect(refused).toMatchObject({ code: "model-quarantined", details: { crashes: 3 } })
  expect(refused.message).toContain("SIGSEGV")
  await expect(load()).rejects.toMatchObject({ code: "model-quarantined" })
  expect(children).toHaveLength(3)
  onGenerate = works
  await clock.advance(300_000)
  const again = eventsOf(model.generate(plain("x"), {}, NEVER))
  await clock.advance(5_000)
  expect((await again).at(-1)?.type).toBe("finish")
})

test("a crash while loading counts as well", async () => {
  engine = createLlamaEngine({
    clock,
    childEntry: "/child.js",
    startChild: () =>
      scriptedChild((message, self) => {
        if (message.type === "load") self.end({ code: null, signal: "SIGABRT" })
        else answerLoads(message, self)
      }),
  })
  for (let count = 0; count < 3; count++)
    await expect(load()).rejects.toMatchObject({ code: "engine-crashed" })
  await expect(load()).rejects.toMatchObject({ code: "model-quarantined" })
})

test("an aborted request ends at once, and the child is told by both ways", async () => {
  await using model = await load()
  onGenerate = (requestId, child) =>
    child.say({
      type: "step",
      deltas: [{ requestId, text: "a" }],
      progress: [],
      ends: [],
      streams: 1,
      queued: 0,
      threads: 1,
    })
  const abort = new AbortController()
  const events: string[] = []
  for await (const event of model.generate(plain("x"), {}, abort.signal)) {
    events.push(event.type === "error" ? event.code : event.type)
    if (event.type === "text-delta") abort.abort()
  }
  expect(events).toEqual(["start", "text-delta", "interrupted"])
  expect(children[0]?.sent.at(-1)).toEqual({ type: "cancel", requestId: 1 })
})

test("a reader that leaves stops the work", async () => {
  await using model = await load()
  onGenerate = (requestId, child) =>
    child.say({
      type: "step",
      deltas: [{ requestId, text: "a" }],
      progress: [],
      ends: [],
      streams: 1,
      queued: 0,
      threads: 1,
    })
  for await (const event of model.generate(plain("x"), {}, NEVER)) if (event.type === "text-delta") break
  expect(children[0]?.sent.at(-1)).toEqual({ type: "cancel", requestId: 1 })
  expect(model.activity().streams).toBe(0)
})

test("a reader that takes nothing pauses the model, and after a minute ends it", async () => {
  await using model = await load()
  onGenerate = (requestId, child) => {
    const deltas = Array.from({ length: 5 }, () => ({ requestId, text: "x".repeat(60_000) }))
    child.say({ type: "step", deltas, progress: [], ends: [], streams: 1, queued: 0, threads: 1 })
  }
  const reader = model.generate(plain("x"), {}, NEVER)[Symbol.asyncIterator]()
  await reader.next()
  await reader.next()
  expect(children[0]?.sent.at(-1)).toEqual({ type: "pause", requestId: 1 })
  for (let second = 0; second < 60; second++) {
    children[0]?.say({ type: "alive" })
    await clock.advance(1_000)
  }
  const rest: string[] = []
  for (let next = await reader.next(); next.done !== true; next = await reader.next())
    rest.push(next.value.type)
  expect(rest.at(-1)).toBe("error")
  expect(children[0]?.sent.at(-1)).toEqual({ type: "cancel", requestId: 1 })
})

test("a file that breaks a rule never reaches a child", async () => {
  writeFileSync(path, "not a model")
  await expect(load()).rejects.toMatchObject({ code: "bad-model-file" })
  expect(children.flatMap(({ sent }) => sent.map(({ type }) => type))).not.toContain("load")
})

test("a prepared process is the one that loads", async () => {
  engine.prepare()
  engine.prepare()
  expect(children).toHaveLength(1)
  await using _model = await load()
  expect(children).toHaveLength(1)
})

test("a closed model answers no more", async () => {
  const model = await load()
  await model[Symbol.asyncDispose]()
  expect(children[0]?.killed).toEqual(["SIGKILL"])
  expect((await errorOf(model.generate(plain("x"), {}, NEVER))).code).toBe("interrupted")
})

test("a model that writes on though nobody reads and it was told to pause is ended, with its reason", async () => {
  await using model = await load()
  onGenerate = (requestId, child) => {
    const deltas = [{ requestId, text: "x".repeat(1024 * 1024) }]
    for (let count = 0; count < 20; count++)
      child.say({ type: "step", deltas, progress: [], ends: [], streams: 1, queued: 0, threads: 1 })
  }
  const error = await errorOf(model.generate(plain("x"), {}, NEVER))
  expect(error).toMatchObject({
    code: "engine-crashed",
    message: expect.stringContaining("text without end"),
  })
  expect(children[0]?.killed).toEqual(["SIGKILL"])
})

test("embeddings too large for one message are asked for in parts", async () => {
  const asked: number[] = []
  engine = createLlamaEngine({
    clock,
    childEntry: "/child.js",
    startChild: () =>
      scriptedChild((message, self) => {
        if (message.type === "load") {
          const facts = { ...LOADED.facts, embeddingLength: 1_048_576 }
          queueMicrotask(() => self.say({ ...LOADED, facts }))
        } else if (message.type === "ask" && message.question.type === "embed") {
          const { texts } = message.question
          asked.push(texts.length)
          const vectors = texts.map((text) => new Float32Array([text.length]))
          queueMicrotask(() =>
            self.say({
              type: "answer",
              requestId: message.requestId,
              value: { vectors, promptTokens: texts.length },
            }),
          )
        } else answerLoads(message, self)
      }),
  })
  await using model = await load()
  const texts = Array.from({ length: 9 }, (_, index) => "x".repeat(index))
  const { vectors, promptTokens } = await model.embed(texts, NEVER)
  expect(vectors.map(([length]) => length)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect({ promptTokens, asked }).toEqual({ promptTokens: 9, asked: [4, 4, 1] })
})

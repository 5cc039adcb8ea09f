import { SILENT_LOG } from "@fireside/host"
import { CHILD_LIMITS } from "@fireside/protocol"
import { beforeEach, expect, test } from "vitest"
import { TINY_PLAN } from "../llama-engine.fixture.ts"
import { EngineProcess, type ProcessEnd, type RequestMessage } from "./engine-process.ts"
import { type ManualClock, manualClock, type ScriptedChild, scriptedChild } from "./scripted-child.fixture.ts"

const NEVER = new AbortController().signal
const LOAD = { path: "/m.gguf", plan: TINY_PLAN, controlCandidates: [] }
const STEP = { type: "step", deltas: [], progress: [], ends: [], streams: 1, queued: 0, threads: 1 }

let clock: ManualClock
let child: ScriptedChild
let engine: EngineProcess
let heard: (RequestMessage | ProcessEnd)[]

beforeEach(() => {
  clock = manualClock()
  child = scriptedChild()
  engine = new EngineProcess({ startChild: () => child, clock, log: SILENT_LOG, entry: "/child.js" })
  heard = []
})

function openRequest(): number {
  return engine.open(
    (requestId) => ({ type: "generate", requestId, prompt: { type: "plain", text: "x" }, options: {} }),
    { onMessage: (message) => void heard.push(message), onEnd: (end) => void heard.push(end) },
  )
}

test("prepares at once, loads when asked", async () => {
  expect(child.sent).toEqual([{ type: "prepare" }])
  await expect(engine.ready).resolves.toMatchObject({ build: "scripted" })
  await expect(engine.load(LOAD, NEVER)).resolves.toMatchObject({ vocabularySize: 10 })
})

test("a step is told to each request by itself", async () => {
  await engine.load(LOAD, NEVER)
  const first = openRequest()
  const second = openRequest()
  child.say({
    ...STEP,
    deltas: [
      { requestId: second, text: "b" },
      { requestId: first, text: "a" },
    ],
  })
  expect(heard).toMatchObject([{ delta: { text: "b" } }, { delta: { text: "a" } }])
})

test("what is said of a request that has ended goes nowhere", async () => {
  await engine.load(LOAD, NEVER)
  const requestId = openRequest()
  child.say({ type: "failed", requestId, error: { code: "interrupted", message: "stopped" } })
  child.say({ ...STEP, deltas: [{ requestId, text: "late" }] })
  expect(heard).toHaveLength(1)
})

test("silence while a request runs is a hang: killed first, then told", async () => {
  await engine.load(LOAD, NEVER)
  openRequest()
  await clock.advance(CHILD_LIMITS.hangMs - 1_000)
  expect(child.killed).toEqual([])
  await clock.advance(1_000)
  expect(child.killed).toEqual(["SIGKILL"])
  expect(heard).toMatchObject([{ type: "hung", error: { code: "engine-hung" } }])
})

test("a long batch with signs of life is no hang", async () => {
  await engine.load(LOAD, NEVER)
  openRequest()
  for (let second = 0; second < 60; second += 5) {
    await clock.advance(5_000)
    child.say({ type: "alive" })
  }
  expect(child.killed).toEqual([])
})

test("silence of a child without work is its right, and a request after it has its full time", async () => {
  await engine.load(LOAD, NEVER)
  await clock.advance(3_600_000)
  openRequest()
  await clock.advance(CHILD_LIMITS.hangMs - 1_000)
  expect(child.killed).toEqual([])
})

test("loading may be silent for longer, but not for ever", async () => {
  child = scriptedChild(() => {})
  engine = new EngineProcess({ startChild: () => child, clock, log: SILENT_LOG, entry: "/child.js" })
  const loading = engine.load(LOAD, NEVER).catch((error: unknown) => error)
  await clock.advance(59_000)
  expect(child.killed).toEqual([])
  await clock.advance(1_000)
  expect(await loading).toMatchObject({ code: "engine-hung" })
})

test.each(["garbage", { type: "step" }])("a frame that is none ends the child", async (frame) => {
  await engine.load(LOAD, NEVER)
  openRequest()
  child.say(frame)
  expect(child.killed).toEqual(["SIGKILL"])
  expect(heard).toMatchObject([{ type: "garbage", error: { code: "engine-crashed" } }])
})

test("a frame that is refused by its length ends the child and its streams", async () => {
  await engine.load(LOAD, NEVER)
  openRequest()
  child.babble("a message of 5 bytes; at most 4 are taken")
  expect(child.killed).toEqual(["SIGKILL"])
  expect(heard).toMatchObject([
    {
      type: "garbage",
      error: { code: "engine-crashed", message: expect.stringContaining("sent a message of 5 bytes") },
    },
  ])
})

test("large messages are taken only while an answer is waited for", async () => {
  await engine.load(LOAD, NEVER)
  openRequest()
  expect(child.messageLimit).toBe(CHILD_LIMITS.frameBytes)
  const first = engine.ask({ type: "detokenize", tokens: [1] }, NEVER)
  const second = engine.ask({ type: "detokenize", tokens: [2] }, NEVER)
  child.say({ type: "answer", requestId: 2, value: "a" })
  await first
  expect(child.messageLimit).toBe(CHILD_LIMITS.answerFrameBytes)
  child.say({ type: "failed", requestId: 3, error: { code: "bad-request", message: "no" } })
  await second.catch(() => {})
  expect(child.messageLimit).toBe(CHILD_LIMITS.frameBytes)
})

test("an answer of another type ends the child", async () => {
  await engine.load(LOAD, NEVER)
  const asked = engine.ask({ type: "tokenize", text: "x", special: false, addBos: false }, NEVER)
  child.say({ type: "answer", requestId: 1, value: "no list" })
  await expect(asked).rejects.toMatchObject({ code: "engine-crashed" })
  expect(child.killed).toEqual(["SIGKILL"])
})

test("a crash ends every request with its reason", async () => {
  await engine.load(LOAD, NEVER)
  openRequest()
  openRequest()
  child.end({ code: null, signal: "SIGABRT" })
  await engine.ended
  expect(heard).toMatchObject([{ type: "crashed" }, { type: "crashed" }])
  expect((await engine.ended).error.message).toContain("SIGABRT")
  openRequest()
  expect(heard).toHaveLength(3)
})

test("a stopped load ends the process", async () => {
  child = scriptedChild(() => {})
  engine = new EngineProcess({ startChild: () => child, clock, log: SILENT_LOG, entry: "/child.js" })
  const abort = new AbortController()
  const loading = engine.load(LOAD, abort.signal)
  abort.abort()
  await expect(loading).rejects.toMatchObject({ code: "interrupted" })
  expect(child.killed).toEqual(["SIGKILL"])
})

test("a child without its native binding says what to install", async () => {
  const errors: ((line: string) => void)[] = []
  child = { ...scriptedChild(() => {}), onErrorLine: (listener) => void errors.push(listener) }
  engine = new EngineProcess({ startChild: () => child, clock, log: SILENT_LOG, entry: "/child.js" })
  for (const tell of errors) tell("Error: Cannot find package 'koffi' imported from /child.js")
  child.end({ code: 1, signal: null })
  await expect(engine.ready).rejects.toMatchObject({ code: "engine-missing" })
})

test.each([
  [{ code: null, signal: "SIGKILL" }, "by SIGKILL. Most likely the system ran out of memory."],
  [{ code: 137, signal: null }, "by SIGKILL. Most likely the system ran out of memory."],
  [{ code: 139, signal: null }, "by SIGSEGV."],
  [{ code: 3, signal: null }, "with code 3."],
] as const)("%j is told in words, also through a sandbox", async (exit, words) => {
  await engine.load(LOAD, NEVER)
  openRequest()
  child.end(exit)
  await engine.ended
  expect(heard).toMatchObject([
    { error: { code: "engine-crashed", message: expect.stringContaining(words) } },
  ])
})

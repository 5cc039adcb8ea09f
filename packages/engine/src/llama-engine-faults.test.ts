// The real child under attack: killed, aborted, stopped, left alone.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest"
import {
  answerOf,
  errorOf,
  eventsOf,
  GREEDY,
  NEVER,
  plain,
  startTinyEngine,
  TINY_PLAN,
  type TinyEngine,
} from "./llama-engine.fixture.ts"
import { createLlamaEngine } from "./llama-engine.ts"
import { LOADED, type ManualClock, manualClock, READY } from "./supervisor/scripted-child.fixture.ts"

const LONG = { sampling: { temperature: 0 }, maxTokens: 100_000 }
const MODEL = { layers: 4, contextLength: 16_384, type: "Q8_0" } as const
const PLAN = { contextLength: 16_384, streams: 3, batchRows: 512, microBatchRows: 512 }

let tiny: TinyEngine
let clock: ManualClock
beforeEach(async () => {
  clock = manualClock()
  tiny = await startTinyEngine({ model: MODEL, plan: PLAN, engine: { clock } })
})
afterEach(() => tiny[Symbol.asyncDispose]())

/** Runs a stream and does something when its first text comes. */
async function disturbed(disturb: () => void): Promise<{ code: string; text: string }> {
  let text = ""
  for await (const event of tiny.model.generate(plain("The sky"), LONG, NEVER)) {
    if (event.type === "error") return { code: event.code, text }
    if (event.type === "finish") return { code: "finish", text }
    if (event.type !== "text-delta") continue
    if (text === "") disturb()
    text += event.text
  }
  return { code: "no end", text }
}

test.each(["SIGKILL", "SIGABRT", "SIGSEGV"] as const)(
  "%s in the middle of a stream is an error of the stream; the next request works",
  async (signal) => {
    const before = await answerOf(tiny.model, plain("Hello world"))
    const { pid } = tiny.model.facts
    const result = await disturbed(() => process.kill(pid, signal))
    expect(result.code).toBe("engine-crashed")
    expect(result.text).not.toBe("")
    const next = answerOf(tiny.model, plain("Hello world"))
    await clock.advance(500)
    expect((await next).text).toBe(before.text)
    expect(tiny.model.facts.pid).not.toBe(pid)
  },
)

test("a stopped child is killed after ten silent seconds; the next request works", async () => {
  const { pid } = tiny.model.facts
  const ended = disturbed(() => process.kill(pid, "SIGSTOP"))
  // Nothing comes from a stopped process, so the clock may run as fast as it likes once the first text was there.
  for (let second = 0; second < 40; second++) await clock.advance(1_000)
  expect((await ended).code).toBe("engine-hung")
  const next = answerOf(tiny.model, plain("Hello world"))
  await clock.advance(500)
  expect((await next).text).not.toBe("")
})

test("a request that is dropped in the middle of its prompt ends at once, and its neighbours do not notice", async () => {
  const alone = await answerOf(tiny.model, plain("The world"), {
    ...GREEDY,
    maxTokens: 100,
    cachePrompt: false,
  })
  const abort = new AbortController()
  const tokens = Array.from({ length: 16_000 }, (_, index) => (index * 31) % 200)
  const codes: string[] = []
  const dropped = (async () => {
    for await (const event of tiny.model.generate({ type: "tokens", tokens }, GREEDY, abort.signal)) {
      codes.push(event.type === "error" ? event.code : event.type)
      if (event.type === "prompt-progress" && event.doneTokens > 0) abort.abort()
    }
  })()
  const neighbour = await answerOf(tiny.model, plain("The world"), {
    ...GREEDY,
    maxTokens: 100,
    cachePrompt: false,
  })
  await dropped
  expect(codes).toEqual(["start", "prompt-progress", "prompt-progress", "interrupted"])
  expect(neighbour.text).toBe(alone.text)
  // Its sequence is free again: as many streams as there are.
  const all = await Promise.all(["a", "b", "c"].map((text) => answerOf(tiny.model, plain(text))))
  expect(all.map(({ reason }) => reason)).toEqual(["length", "length", "length"])
})

test("requests that are dropped before they begin, or while they wait, are gone", async () => {
  const abort = new AbortController()
  abort.abort()
  expect((await errorOf(tiny.model.generate(plain("x"), GREEDY, abort.signal))).code).toBe("interrupted")
  const aborts = Array.from({ length: 9 }, () => new AbortController())
  const streams = aborts.map(({ signal }) => errorOf(tiny.model.generate(plain("The sky"), LONG, signal)))
  // Three run and six wait when this question, asked after them, is answered.
  await tiny.model.tokenize("x", { special: false, addBos: false }, NEVER)
  expect(tiny.model.activity()).toMatchObject({ streams: 3, queued: 6 })
  for (const controller of aborts) controller.abort()
  for (const error of await Promise.all(streams)) expect(error.code).toBe("interrupted")
  expect((await answerOf(tiny.model, plain("Hello"))).text).not.toBe("")
  expect(tiny.model.activity()).toMatchObject({ streams: 0, queued: 0 })
})

test("questions and embeddings end with the process as well", async () => {
  const { pid } = tiny.model.facts
  const waiting = [
    tiny.model.benchmark({ promptTokens: 16_000, generateTokens: 100, streams: 1 }, NEVER),
    errorOf(tiny.model.generate(plain("x"), LONG, NEVER)),
  ]
  process.kill(pid, "SIGKILL")
  await expect(waiting[0]).rejects.toMatchObject({ code: "engine-crashed" })
  await expect(waiting[1]).resolves.toMatchObject({ code: "engine-crashed" })
})

test("unloading ends the process, and its memory comes back", async () => {
  const { pid } = tiny.model.facts
  await eventsOf(tiny.model.generate(plain("Hello"), GREEDY, NEVER))
  expect(isRunning(pid)).toBe(true)
  await tiny.model[Symbol.asyncDispose]()
  expect(isRunning(pid)).toBe(false)
})

test("the memory of a child does not grow with its answers", async () => {
  const { pid } = tiny.model.facts
  const ask = () =>
    answerOf(tiny.model, plain("The sky is"), {
      ...GREEDY,
      topLogprobs: 5,
      format: { type: "gbnf", grammar: "root ::= [a-z]{20}" },
    })
  for (let count = 0; count < 60; count++) await ask()
  const before = anonymousBytes(pid)
  for (let count = 0; count < 120; count++) await ask()
  // 2,400 tokens: a leak of 20 KB for each would show.
  expect(anonymousBytes(pid) - before).toBeLessThan(48 * 1024 * 1024)
})

test.runIf(process.platform === "linux")("a child ends when its parent is killed", async () => {
  const script = `
    import { startTinyEngine } from ${JSON.stringify(new URL("./llama-engine.fixture.ts", import.meta.url).href)}
    const tiny = await startTinyEngine()
    console.log(tiny.model.facts.pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once("data", (data) => resolve(Number(data))),
  )
  expect(isRunning(pid)).toBe(true)
  parent.kill("SIGKILL")
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
})

test("the self-test passes here", async () => {
  const report = await tiny.engine.selfTest(NEVER)
  expect(report).toMatchObject({ ok: true, build: expect.any(String) })
  expect(report.version).toMatch(/^0\.5\.0/)
})

test("the self-test of a library that is not there says so", async () => {
  await using other = await startTinyEngine()
  expect(other.model.facts.pid).toBeGreaterThan(0)
  const { createLlamaEngine } = await import("./llama-engine.ts")
  await using engine = createLlamaEngine({ libraryFolder: "/nowhere" })
  const report = await engine.selfTest(NEVER)
  expect(report).toMatchObject({ ok: false, problem: { code: "engine-missing" } })
})

function isRunning(pid: number): boolean {
  if (existsSync("/proc/self/status")) {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
    } catch {
      return false
    }
  }
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Anonymous memory of a process, bytes; mapped files do not count. */
function anonymousBytes(pid: number): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
  return Number(kilobytes) * 1024
}

test("a child that floods its parent is killed, its streams end with a typed error, and the parent's memory stays flat", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fireside-flood-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const entry = join(folder, "child.mjs")
  const channel = new URL("../../host/src/parent-channel.ts", import.meta.url).href
  writeFileSync(
    entry,
    `import { writeSync } from "node:fs"
     const { openParentChannel } = await import(${JSON.stringify(channel)})
     const parent = openParentChannel({ onMessage: hear, onClosed: () => process.exit(0) })
     function hear({ type }) {
       if (type === "prepare") parent.send(${JSON.stringify(READY)})
       else if (type === "load") parent.send(${JSON.stringify(LOADED)})
       else flood()
     }
     function flood() {
       const bytes = Buffer.alloc(1024 * 1024, 255)
       for (;;) try { for (;;) writeSync(3, bytes) } catch (error) { if (error.code !== "EAGAIN") throw error }
     }`,
  )
  await using engine = createLlamaEngine({ clock, childEntry: entry })
  await using model = await engine.load({ name: "tiny", path: tiny.modelPath }, TINY_PLAN, NEVER)
  const before = process.memoryUsage().arrayBuffers
  const error = await errorOf(model.generate(plain("x"), GREEDY, NEVER))
  expect(error).toMatchObject({
    code: "engine-crashed",
    message: expect.stringContaining("4294967295 bytes"),
  })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
})

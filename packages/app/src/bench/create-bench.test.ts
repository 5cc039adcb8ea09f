import type { BenchmarkOptions, Engine, Model, Prompt } from "@fireside/engine"
import { openDatabase } from "@fireside/host"
import { createFakeClock, createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import type { BenchEvent, BenchReport, ChatEvent } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import {
  createFakeApp,
  createFakeEngine,
  createFakeLibrary,
  createFakeRegistry,
  type FakeEngine,
  type FakePartsOptions,
  fakeStored,
  QUIET_PROBES,
} from "../testing.ts"

const NEVER = new AbortController().signal
const CLOCK_STEP_MS = 10

let home: TemporaryHome
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

/** An engine that takes `prefillMs` a prompt token and `tokenMs` an answer's token, three tokens an answer. */
function timedEngine(clock: ReturnType<typeof createFakeClock>, speed = { factor: 1 }) {
  const engine = createFakeEngine()
  const streamOf = async function* (prompt: Prompt): AsyncIterable<ChatEvent> {
    const promptTokens = prompt.type === "tokens" ? prompt.tokens.length : 0
    yield { type: "start", model: "tiny", id: "1" }
    clock.advance(promptTokens * speed.factor)
    for (let at = 0; at < 3; at += 1) {
      yield { type: "text-delta", text: "a " }
      clock.advance(CLOCK_STEP_MS * speed.factor)
    }
    const usage = { promptTokens, cachedTokens: 0, completionTokens: 3 }
    const timings = { loadMs: 0, ttftMs: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0, totalMs: 0 }
    yield { type: "finish", reason: "length", usage, timings }
  }
  engine.answer = streamOf
  return engine
}

async function benched(change: Partial<FakePartsOptions> = {}, speed = { factor: 1 }) {
  const clock = createFakeClock()
  const engine = timedEngine(clock, speed)
  const database = await openDatabase(home.paths)
  const fake = await createFakeApp({ clock, engine, database, ...change })
  return {
    ...fake,
    engine,
    speed,
    async [Symbol.asyncDispose]() {
      await fake[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function reportOf(events: AsyncIterable<BenchEvent>): Promise<BenchReport> {
  const seen: BenchEvent[] = []
  for await (const event of events) seen.push(event)
  const last = seen.at(-1)
  if (last?.type !== "finish") throw new Error("no report")
  const progress = seen.filter((event) => event.type === "progress")
  expect(progress.map(({ doneSteps }) => doneSteps)).toEqual(progress.map((_, index) => index))
  expect(progress.every(({ totalSteps }) => totalSteps === progress.length)).toBe(true)
  return last.report
}

test("a run loads the model once for each cold start, measures, and leaves nothing loaded", async () => {
  await using fake = await benched()
  const report = await reportOf(fake.app.bench.run({ model: "tiny", quick: true, rounds: 2 }, NEVER))
  expect(report).toMatchObject({
    model: "tiny:latest",
    rounds: 2,
    isQuick: true,
    streams: 4,
    shortPromptTokens: 32,
    longPromptTokens: 256,
    figures: {
      shortTtftMs: { median: 32 },
      longTtftMs: { median: 256 },
      reuseTtftMs: { median: 256 + 32 },
      prefillTokensPerSecond: { median: 1_000 },
      gapMedianMs: { median: 10 },
      decodeTokensPerSecond: { median: 100 },
      kernelDecodeTokensPerSecond: null,
    },
    memory: { proportionalBytes: 2_000_000 },
    limit: { memoryBytesPerSecond: { allThreads: 10e9 } },
    isQuotable: true,
    previous: null,
  })
  expect([fake.engine.loads.length, fake.engine.closed.length]).toEqual([2, 2])
  expect(await fake.app.models.running()).toEqual([])
})

test("no two prompts of a run begin alike, but for the second turn", async () => {
  await using fake = await benched()
  await reportOf(fake.app.bench.run({ model: "tiny", quick: true, rounds: 1 }, NEVER))
  const prompts = fake.engine.prompts.map(({ prompt }) => (prompt.type === "tokens" ? prompt.tokens : []))
  const [warm, short, document = [], second = [], ...crowd] = prompts
  expect(second.slice(0, document.length)).toEqual(document)
  expect(second.length).toBeGreaterThan(document.length)
  expect(crowd.length).toBe(4)
  const firsts = [warm, short, document, ...crowd].map((tokens) => tokens?.[0])
  expect(new Set(firsts).size).toBe(firsts.length)
})

test("only the second turn takes over what was computed, and nothing of another run", async () => {
  await using fake = await benched()
  for (let run = 0; run < 2; run += 1)
    await reportOf(fake.app.bench.run({ model: "tiny", quick: true, rounds: 1 }, NEVER))
  const options = fake.engine.prompts.map((it) => it.options)
  // Warm-up, short, long, second turn, and the four of the crowd.
  expect(options.slice(0, 8).map(({ cachePrompt }) => cachePrompt)).toEqual([
    ...[false, false, true, true],
    ...[false, false, false, false],
  ])
  const [first, second] = [options.slice(0, 8), options.slice(8)].map(
    (run) => new Set(run.map(({ cacheOwner }) => cacheOwner)),
  )
  expect([first?.size, second?.size]).toEqual([1, 1])
  expect([...(first ?? [])]).not.toEqual([...(second ?? [])])
})

test("runs are kept, and the next one of its kind is compared with the last that nothing disturbed", async () => {
  let foreign = 0
  const benchProbes = { ...QUIET_PROBES, foreignCpus: async () => foreign }
  await using fake = await benched({ benchProbes })
  const run = async (quick: boolean): Promise<BenchReport> =>
    reportOf(fake.app.bench.run({ model: "tiny", quick, rounds: 1 }, NEVER))
  const first = await run(true)
  foreign = 1
  const disturbed = await run(true)
  foreign = 0
  fake.speed.factor = 2
  const slower = await run(true)
  const whole = await run(false)
  expect([first.isQuotable, disturbed.isQuotable, disturbed.foreignCpus]).toEqual([true, false, 1])
  expect(slower.previous).toMatchObject({ id: first.id, isQuotable: true })
  expect(slower.previous?.changes).toContainEqual({
    name: "decodeTokensPerSecond",
    ratio: expect.closeTo(0.5),
    verdict: "worse",
  })
  expect(whole.previous).toBeNull()
  const history = await fake.app.bench.history("tiny")
  expect(history.map(({ id }) => id)).toEqual([whole.id, slower.id, disturbed.id, first.id])
  expect(history[1]).toEqual(slower)
})

test("the memory's speed is measured once a machine, again only when the run was disturbed", async () => {
  let measured = 0
  let foreign = 1
  const benchProbes = {
    ...QUIET_PROBES,
    foreignCpus: async () => foreign,
    bandwidth: async () => {
      measured += 1
      return { oneThread: 1e9, allThreads: measured * 1e9 }
    },
  }
  await using fake = await benched({ benchProbes })
  const run = () => reportOf(fake.app.bench.run({ model: "tiny", quick: true, rounds: 1 }, NEVER))
  await run()
  foreign = 0
  await run()
  const third = await run()
  expect([measured, third.limit?.memoryBytesPerSecond.allThreads]).toEqual([2, 2e9])
})

test("a model that answers, here or in another process, is refused by name", async () => {
  const registry = createFakeRegistry()
  await using fake = await benched({ registry })
  const busy = {
    ...{ name: "tiny:latest", digest: "", sizeBytes: 1, processor: "CPU", contextLength: 1 },
    ...{ expiresAt: null, pid: 1, streams: 1, queued: 0, path: "/models/tiny:latest", isDown: false },
  }
  await registry.register(busy, () => {})
  await expect(reportOf(fake.app.bench.run({ model: "tiny" }, NEVER))).rejects.toMatchObject({
    code: "model-in-use",
    message: expect.stringContaining("tiny:latest"),
  })
  expect(fake.engine.loads).toEqual([])
  expect(await fake.app.bench.history()).toEqual([])
})

/** Its models are changed before they are lent. */
function changedEngine(engine: FakeEngine, change: Partial<Model>): Engine {
  return { load: async (file, plan, signal) => ({ ...(await engine.load(file, plan, signal)), ...change }) }
}

test("a model that begins to answer somebody else in the middle ends the run", async () => {
  const clock = createFakeClock()
  const engine = timedEngine(clock)
  let looks = 0
  const activity = () => {
    looks += 1
    return { streams: looks > 5 ? 1 : 0, queued: 0, threads: 1 }
  }
  await using fake = await benched({ clock, engine: changedEngine(engine, { activity }) })
  await expect(reportOf(fake.app.bench.run({ model: "tiny", rounds: 1 }, NEVER))).rejects.toMatchObject({
    code: "model-in-use",
  })
  expect(engine.closed).toEqual(["tiny:latest"])
})

test("the engine's own loop is measured behind the prompts that it is compared with", async () => {
  const clock = createFakeClock()
  const asked: BenchmarkOptions[] = []
  const benchmark = async (options: BenchmarkOptions) => {
    asked.push(options)
    return {
      prefillTokensPerSecond: options.promptTokens,
      decodeTokensPerSecond: 200 + options.promptTokens,
      durationMs: 1,
    }
  }
  await using fake = await benched({ clock, engine: changedEngine(timedEngine(clock), { benchmark }) })
  const { figures, limit } = await reportOf(fake.app.bench.run({ model: "tiny", rounds: 1 }, NEVER))
  expect(asked).toEqual([
    { promptTokens: 1_024, generateTokens: 8, streams: 1 },
    { promptTokens: 32, generateTokens: 96, streams: 1 },
  ])
  expect(figures.kernelPrefillTokensPerSecond?.median).toBe(1_024)
  expect(figures.kernelDecodeTokensPerSecond?.median).toBe(232)
  expect(limit?.shareOfKernel).toBeCloseTo(100 / 232)
})

test("an idle copy goes first", async () => {
  await using fake = await benched()
  await fake.app.load({ model: "tiny" }, {}, NEVER)
  expect((await fake.app.models.running()).length).toBe(1)
  await reportOf(fake.app.bench.run({ model: "tiny", quick: true, rounds: 1 }, NEVER))
  expect(fake.engine.loads.length).toBe(2)
})

test("what writes no text is not measured", async () => {
  const metadata = { "llama.pooling_type": { type: "uint32", value: 1, offset: 0 } } as const
  const library = createFakeLibrary([fakeStored({ metadata })])
  await using fake = await benched({ library })
  await expect(reportOf(fake.app.bench.run({ model: "tiny" }, NEVER))).rejects.toMatchObject({
    code: "unsupported",
  })
})

test("a model that ends at once, and one whose answer fails, end the run by name and unload", async () => {
  await using fake = await benched()
  fake.engine.answer = async function* () {
    yield { type: "error", code: "engine-crashed", message: "It fell." }
  }
  const run = () => reportOf(fake.app.bench.run({ model: "tiny", rounds: 1 }, NEVER))
  await expect(run()).rejects.toMatchObject({ code: "engine-crashed" })
  fake.engine.answer = undefined
  await expect(run()).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("few") })
  expect(fake.engine.closed.length).toBe(2)
  expect(await fake.app.bench.history()).toEqual([])
})

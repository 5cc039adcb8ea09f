import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { GgufEntry } from "@fireside/gguf"
import { createFakeClock } from "@fireside/host/testing"
import { AppError, type ChatEvent, type ChatRequest, collect, type JobEvent } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createApp } from "./create-app.ts"
import {
  createFakeEngine,
  createFakeJobs,
  createFakeLibrary,
  createFakeParts,
  createFakeRegistry,
  FAKE_FIT,
  type FakePartsOptions,
  fakeStored,
  PLAN,
} from "./testing.ts"

const never = new AbortController().signal
let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-app-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

const ask = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "tiny",
  messages: [{ role: "user", content: "hello there" }],
  ...change,
})

function world(change: Partial<FakePartsOptions> = {}) {
  const clock = createFakeClock()
  const engine = createFakeEngine(clock)
  const registry = createFakeRegistry()
  const jobs = createFakeJobs()
  const library = createFakeLibrary([fakeStored()])
  const app = createApp(createFakeParts({ clock, home, engine, registry, jobs, library, ...change }))
  return { app, clock, engine, registry, jobs, library }
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const event of events) list.push(event)
  return list
}

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe("chat", () => {
  test("gives the engine's events, one start and one finish", async () => {
    const { app } = world()
    await using _ = app
    const events = await all(app.chat(ask(), {}, never))
    expect(events.map((event) => event.type)).toEqual(["start", "text-delta", "text-delta", "finish"])
  })

  test("timings count from the request, loading included", async () => {
    const { app, clock, engine } = world()
    await using _ = app
    const load = engine.load.bind(engine)
    engine.load = async (...given) => {
      clock.advance(400)
      return load(...given)
    }
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "tiny:latest", id: "1" }
      clock.advance(50)
      yield { type: "text-delta", text: "hi" }
      clock.advance(150)
      yield {
        type: "finish",
        reason: "stop",
        usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
        timings: { loadMs: 7, ttftMs: 7, prefillTokensPerSecond: 7, decodeTokensPerSecond: 7, totalMs: 7 },
      }
    }
    const first = await collect(app.chat(ask(), {}, never))
    expect(first.timings).toEqual({
      loadMs: 400,
      ttftMs: 450,
      prefillTokensPerSecond: 7,
      decodeTokensPerSecond: 7,
      totalMs: 600,
    })
    const second = await collect(app.chat(ask(), {}, never))
    expect(second.timings).toMatchObject({ loadMs: 0, ttftMs: 50, totalMs: 200 })
  })

  test("the model's own system text, examples, sampling and stop strings come first, the request's win", async () => {
    const stored = fakeStored(
      {},
      {
        system: "Be brief.",
        messages: [
          { role: "user", content: "1?" },
          { role: "assistant", content: "2." },
        ],
        sampling: { temperature: 0.1, topK: 5 },
        stop: ["END"],
      },
    )
    const { app, engine } = world({ library: createFakeLibrary([stored]) })
    await using _ = app
    await collect(app.chat(ask({ sampling: { topK: 9 } }), {}, never))
    await collect(
      app.chat(
        ask({ messages: [{ role: "system", content: "Own." }, ...ask().messages], stop: ["X"] }),
        {},
        never,
      ),
    )
    const [plain, own] = engine.prompts
    expect(plain?.prompt).toMatchObject({
      messages: [{ content: "Be brief." }, { content: "1?" }, { content: "2." }, { content: "hello there" }],
    })
    expect(plain?.options).toMatchObject({ sampling: { temperature: 0.1, topK: 9 }, stop: ["END"] })
    expect(own?.prompt).toMatchObject({
      messages: [{ content: "Own." }, { content: "1?" }, { content: "2." }, { content: "hello there" }],
    })
    expect(own?.options).toMatchObject({ stop: ["X"] })
  })

  test("notices of the plan follow the start, once for each load", async () => {
    const fit = {
      ...FAKE_FIT,
      planLoad: () => ({ type: "fits", plan: PLAN, notices: ["The context is 2048 tokens."] }) as const,
    }
    const { app } = world({ fit })
    await using _ = app
    const [start, notice] = await all(app.chat(ask(), {}, never))
    expect([start?.type, notice]).toEqual([
      "start",
      { type: "notice", message: "The context is 2048 tokens." },
    ])
    expect((await collect(app.chat(ask(), {}, never))).notices).toEqual([])
  })

  test("an unknown model is thrown before any event", async () => {
    const { app } = world()
    await using _ = app
    expect(await thrownBy(all(app.chat(ask({ model: "nobody" }), {}, never)))).toMatchObject({
      code: "model-not-found",
    })
  })

  test("a reader who leaves gives the lease back", async () => {
    const { app, clock, engine } = world()
    await using _ = app
    for await (const event of app.chat(ask(), { keepAliveMs: 1_000 }, never))
      if (event.type === "text-delta") break
    expect(clock.pendingTimers()).toBe(1)
    clock.advance(1_000)
    await app.load({ model: "tiny" }, {}, never)
    expect(engine.loads).toHaveLength(2)
  })
})

describe("leases", () => {
  test("two requests at once load the model once", async () => {
    const { app, engine } = world()
    await using _ = app
    await Promise.all([collect(app.chat(ask(), {}, never)), collect(app.chat(ask(), {}, never))])
    expect(engine.loads).toHaveLength(1)
  })

  test("another context length is another plan; the idle one makes room", async () => {
    const { app, engine } = world()
    await using _ = app
    await collect(app.chat(ask(), {}, never))
    await collect(app.chat(ask({ contextLength: 512 }), {}, never))
    expect(engine.loads.map((it) => it.plan.contextLength)).toEqual([2048, 512])
    expect(engine.closed).toHaveLength(1)
  })

  test("keep-alive: at its end the model goes, 0 at once, a negative one never", async () => {
    const { app, clock, engine } = world()
    await using _ = app
    await collect(app.chat(ask(), { keepAliveMs: 60_000 }, never))
    clock.advance(59_999)
    expect(engine.closed).toEqual([])
    clock.advance(1)
    expect(engine.closed).toHaveLength(1)
    await collect(app.chat(ask(), { keepAliveMs: 0 }, never))
    expect(engine.closed).toHaveLength(2)
    await collect(app.chat(ask(), { keepAliveMs: -1 }, never))
    clock.advance(1e9)
    expect(engine.closed).toHaveLength(2)
    expect(await app.models.running()).toMatchObject([{ name: "tiny:latest", expiresAt: null, streams: 0 }])
  })

  test("a refused plan throws numbers and what would fit; force is the plan's own affair", async () => {
    const refused = {
      type: "refused",
      reason: "memory",
      memory: PLAN.memory,
      budgetBytes: 2,
      message: "3 B are needed, 2 B are there.",
      wouldFit: ["a context of 512 tokens"],
      plan: PLAN,
    } as const
    const { app } = world({ fit: { ...FAKE_FIT, planLoad: () => refused } })
    await using _ = app
    expect(await thrownBy(app.load({ model: "tiny" }, {}, never))).toMatchObject({
      code: "memory-refused",
      hint: "This would fit: a context of 512 tokens. --force loads it all the same.",
      details: { budgetBytes: 2 },
    })
  })

  test("when memory is short, idle models go and the plan is made again", async () => {
    let tries = 0
    const fits = FAKE_FIT.planLoad
    const fit = {
      ...FAKE_FIT,
      planLoad: (question: Parameters<typeof fits>[0]) => {
        tries += 1
        if (tries !== 2) return fits(question)
        return {
          type: "refused",
          reason: "memory",
          memory: PLAN.memory,
          budgetBytes: 0,
          message: "no",
          wouldFit: [],
          plan: PLAN,
        } as const
      },
    }
    const library = createFakeLibrary([fakeStored(), fakeStored({ name: "other:latest" })])
    const { app, engine } = world({ fit, library })
    await using _ = app
    await app.load({ model: "tiny" }, {}, never)
    await app.load({ model: "other" }, {}, never)
    expect(engine.closed).toEqual(["tiny:latest"])
    expect(engine.loads).toHaveLength(2)
  })

  test("a failed load is not kept: the next request tries again", async () => {
    const { app, engine } = world()
    await using _ = app
    engine.failLoad = new AppError("load-failed", { message: "no" })
    expect(await thrownBy(app.load({ model: "tiny" }, {}, never))).toMatchObject({ code: "load-failed" })
    engine.failLoad = undefined
    await app.load({ model: "tiny" }, {}, never)
    expect(engine.loads).toHaveLength(1)
  })

  test("closing the app closes what is loaded and takes it off the list", async () => {
    const { app, engine, registry } = world()
    await app.load({ model: "tiny" }, {}, never)
    await app[Symbol.asyncDispose]()
    expect(engine.closed).toEqual(["tiny:latest"])
    expect(registry.entries.size).toBe(0)
  })
})

describe("models", () => {
  test("ps lists what is loaded; stop unloads it, and the next request loads it again", async () => {
    const { app, engine } = world()
    await using _ = app
    await app.load({ model: "tiny" }, {}, never)
    expect(await app.models.running()).toMatchObject([
      { name: "tiny:latest", contextLength: 2048, streams: 0, queued: 0 },
    ])
    expect(await app.models.stop("tiny", never)).toBe(1)
    await app.load({ model: "tiny" }, {}, never)
    expect(engine.loads).toHaveLength(2)
  })

  test("stop of a model that is not loaded says so by 0, of one that is not there by an error", async () => {
    const { app } = world()
    await using _ = app
    expect(await app.models.stop("tiny", never)).toBe(0)
    expect(await thrownBy(app.models.stop("nobody", never))).toMatchObject({ code: "model-not-found" })
  })

  test("a model that another process uses is not removed", async () => {
    const { app, registry, library } = world()
    await using _ = app
    const entry = {
      name: "tiny:latest",
      digest: "",
      sizeBytes: 1,
      processor: "CPU",
      contextLength: 1,
      expiresAt: null,
      pid: 9,
      streams: 0,
      queued: 0,
    }
    await registry.register({ ...entry, path: "/models/tiny:latest" }, () => {})
    expect(await thrownBy(app.models.remove("tiny"))).toMatchObject({ code: "model-in-use" })
    expect(library.models.size).toBe(1)
  })

  test("show gives capabilities and metadata with long arrays by their length", async () => {
    const metadata: Readonly<Record<string, GgufEntry>> = {
      "tokenizer.chat_template": { type: "string", value: "{% if tools %}<think>", offset: 0 },
      "tokenizer.ggml.tokens": {
        type: "array",
        value: { itemType: "string", count: 100, items: Array<string>(100).fill("x") },
        offset: 0,
      },
      "llama.context_length": { type: "uint64", value: 2048n, offset: 0 },
    }
    const { app } = world({ library: createFakeLibrary([fakeStored({ metadata })]) })
    await using _ = app
    const shown = await app.models.show("tiny")
    expect(shown.capabilities).toEqual(["completion", "tools", "thinking"])
    expect(shown.metadata).toMatchObject({
      "tokenizer.ggml.tokens": { type: "string", length: 100 },
      "llama.context_length": 2048,
    })
    expect(() => JSON.stringify(shown)).not.toThrow()
  })

  test("what can be obtained: names of the catalogue and references that say where from", async () => {
    const { app } = world()
    await using _ = app
    const names = [
      "tiny:1m",
      "tiny",
      "TINY:1M",
      "hf:owner/repo",
      "hf.co/owner/repo:Q4_K_M",
      "https://x.org/a.gguf",
      "nobody",
    ]
    const found = await Promise.all(names.map((name) => app.models.obtainable(name)))
    expect(found).toEqual([true, true, true, true, true, true, false])
  })
})

describe("jobs", () => {
  test("a pull is a job with its events", async () => {
    const { app, jobs } = world()
    await using _ = app
    const events = await all(app.models.pull({ reference: "tiny:1m" }, never))
    expect(events.at(-1)).toMatchObject({ type: "finish", name: "tiny:1m" })
    expect(await app.jobs()).toMatchObject([
      { kind: "pull", subject: "tiny:1m", state: "done", doneBytes: 5, totalBytes: 10 },
    ])
    expect(jobs.log.map(([, event]) => event.type)).toEqual(["status", "finish"])
  })

  test("an error event is thrown, and the row says why", async () => {
    const broken: JobEvent = { type: "error", code: "disk-full", message: "No room.", hint: "Free some." }
    const { app } = world({
      library: createFakeLibrary([], () => [{ type: "status", message: "x" }, broken]),
    })
    await using _ = app
    expect(await thrownBy(all(app.models.pull({ reference: "tiny:1m" }, never)))).toMatchObject({
      code: "disk-full",
      hint: "Free some.",
    })
    expect(await app.jobs()).toMatchObject([{ state: "failed", error: { code: "disk-full" } }])
  })

  test("a reader who leaves cancels it", async () => {
    const { app } = world()
    await using _ = app
    for await (const _event of app.models.pull({ reference: "tiny:1m" }, never)) break
    expect(await app.jobs()).toMatchObject([{ state: "cancelled" }])
  })

  test("one who leaves at the last event does not", async () => {
    const { app } = world()
    await using _ = app
    for await (const event of app.models.pull({ reference: "tiny:1m" }, never))
      if (event.type === "finish") break
    expect(await app.jobs()).toMatchObject([{ state: "done" }])
  })

  test("a database that fails does not stop the pull", async () => {
    const jobs = {
      ...createFakeJobs(),
      begin: () => Promise.reject(new AppError("held", { message: "busy" })),
    }
    const { app, library } = world({ jobs })
    await using _ = app
    await all(app.models.pull({ reference: "tiny:1m" }, never))
    expect(library.pulled).toEqual(["tiny:1m"])
  })

  test("a job without an end is a mistake of ours", async () => {
    const { app } = world({ library: createFakeLibrary([], () => [{ type: "status", message: "x" }]) })
    await using _ = app
    expect(await thrownBy(all(app.models.pull({ reference: "tiny:1m" }, never)))).toMatchObject({
      message: /ended without/,
    })
  })
})

describe("the rest", () => {
  test("the last model is remembered while it is there", async () => {
    const { app, library } = world()
    await using _ = app
    expect(await app.lastModel()).toBeUndefined()
    await collect(app.chat(ask(), {}, never))
    expect(await app.lastModel()).toBe("tiny")
    library.models.clear()
    expect(await app.lastModel()).toBeUndefined()
  })

  test("embed, tokenise, detokenise and render lend the same model", async () => {
    const { app, engine } = world()
    await using _ = app
    expect((await app.embed({ model: "tiny", texts: ["ab"] }, {}, never)).vectors[0]?.[0]).toBe(2)
    const tokens = await app.tokenize({ model: "tiny", text: "hi" }, never)
    expect(await app.detokenize({ model: "tiny", tokens }, never)).toBe("hi")
    expect(await app.render(ask(), never)).toMatchObject({ text: "hello there", contextLength: 2048 })
    expect(engine.loads).toHaveLength(1)
  })

  test("the echo engine needs no file", async () => {
    const { app } = world({ engineName: "echo", library: createFakeLibrary() })
    await using _ = app
    expect((await collect(app.chat(ask({ model: "echo" }), {}, never))).text).toBe("hello there")
    expect(await app.models.has("echo")).toBe(true)
    expect(await thrownBy(collect(app.chat(ask({ model: "nobody" }), {}, never)))).toMatchObject({
      code: "model-not-found",
    })
  })

  test("a chat that was saved comes back the same; a damaged one says so", async () => {
    const { app } = world()
    await using _ = app
    const chat = ask({ sampling: { temperature: 0 } })
    await app.chats.save("holiday", chat)
    expect(await app.chats.load("holiday")).toEqual(chat)
    expect(await app.chats.load("other")).toBeUndefined()
    expect(await app.chats.load("hf:owner/repo")).toBeUndefined()
    expect(await thrownBy(app.chats.save("../up", chat))).toMatchObject({ code: "bad-request" })
    const { writeFile } = await import("node:fs/promises")
    await writeFile(join(home, "chats", "holiday.json"), "{")
    expect(await thrownBy(app.chats.load("holiday"))).toMatchObject({ code: "corrupt-data" })
  })

  test("the first run proposes, with smaller ones behind", async () => {
    const { app } = world()
    await using _ = app
    const proposal = await app.firstRun(never)
    expect(proposal.candidates.map((it) => it.entry.name)).toEqual(["tiny:1m"])
  })
})

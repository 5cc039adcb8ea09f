import { AppError, type ChatRequest, collect } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, createFakeLibrary, FAKE_FIT, fakeStored, PLAN } from "./testing.ts"

const never = new AbortController().signal

const ask = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "tiny",
  messages: [{ role: "user", content: "hello there" }],
  ...change,
})

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

const REFUSED = {
  type: "refused",
  reason: "memory",
  memory: PLAN.memory,
  budgetBytes: 2,
  message: "3 B are needed, 2 B are there.",
  wouldFit: ["a context of 512 tokens"],
  plan: PLAN,
} as const

describe("leases", () => {
  test("two requests at once load the model once", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    await Promise.all([collect(app.chat(ask(), {}, never)), collect(app.chat(ask(), {}, never))])
    expect(engine.loads).toHaveLength(1)
  })

  test("a longer context is another plan, the idle one makes room; a shorter one uses what is there", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    await collect(app.chat(ask(), {}, never))
    await collect(app.chat(ask({ contextLength: 4096 }), {}, never))
    await collect(app.chat(ask({ contextLength: 512 }), {}, never))
    expect(engine.loads.map((it) => it.plan.contextLength)).toEqual([2048, 4096])
    expect(engine.closed).toHaveLength(1)
  })

  test("a short context that one request wished for is not what the next one gets that wished for none", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    await collect(app.chat(ask({ contextLength: 64 }), {}, never))
    await collect(app.chat(ask(), {}, never))
    await collect(app.chat(ask({ contextLength: 64 }), {}, never))
    expect(engine.loads.map((it) => it.plan.contextLength)).toEqual([64, 2048])
  })

  test("models that share a file share what is loaded, each with its own settings", async () => {
    const path = "/models/shared"
    const library = createFakeLibrary([
      fakeStored({}, { path, system: "first" }),
      fakeStored(
        { name: "mine:latest" },
        { path, system: "second", maxTokens: 7, adapters: [{ path: "/a", scale: 1 }] },
      ),
    ])
    await using world = await createFakeApp({ library })
    const { app, engine } = world
    for (const model of ["tiny", "mine", "tiny"]) await collect(app.chat(ask({ model }), {}, never))
    await collect(app.chat(ask({ model: "mine", maxTokens: 3 }), {}, never))
    expect(engine.loads).toHaveLength(1)
    const seen = engine.prompts.map(({ prompt, options }) => [
      prompt.type === "chat" ? prompt.messages[0]?.content : "",
      options.maxTokens,
      options.adapters?.length,
    ])
    expect(seen).toEqual([
      ["first", undefined, undefined],
      ["second", 7, 1],
      ["first", undefined, undefined],
      ["second", 3, 1],
    ])
  })

  test("the context length: the request's, then the model's within its bound, then the setting's", async () => {
    const library = createFakeLibrary([
      fakeStored({ name: "none" }),
      fakeStored({ name: "own" }, { contextLength: 512 }),
      fakeStored({ name: "large" }, { contextLength: 1_000_000 }),
    ])
    await using world = await createFakeApp({ library, wish: { contextLength: 256 } })
    const { app, engine } = world
    for (const model of ["none", "own", "large"]) await collect(app.chat(ask({ model }), {}, never))
    await collect(app.chat(ask({ model: "own", contextLength: 128 }), {}, never))
    expect(engine.loads.map((it) => it.plan.contextLength)).toEqual([256, 512, 2048])
    // The shorter one has no copy of its own, only its bound: 11 tokens are the prompt's.
    expect(engine.prompts.map((it) => it.options.maxTokens)).toEqual([undefined, undefined, undefined, 117])
  })

  test("a plan that could never be is refused before the idle model goes for it", async () => {
    const fits = FAKE_FIT.planLoad
    const fit = {
      ...FAKE_FIT,
      planLoad: (question: Parameters<typeof fits>[0]) =>
        (question.wish.contextLength ?? 0) > 4096 ? REFUSED : fits(question),
    }
    await using world = await createFakeApp({ fit })
    const { app, engine } = world
    await app.load({ model: "tiny" }, {}, never)
    expect(await thrownBy(app.load({ model: "tiny", contextLength: 8192 }, {}, never))).toMatchObject({
      code: "memory-refused",
    })
    expect(engine.closed).toEqual([])
  })

  test.each([
    ["a negative number", -1],
    ["the setting's infinity", Number.POSITIVE_INFINITY],
    ["more than a timer can wait", 30 * 86_400_000],
  ])("keep-alive: %s keeps the model", async (_, keepAliveMs) => {
    await using world = await createFakeApp()
    const { app, clock, engine } = world
    await collect(app.chat(ask(), { keepAliveMs }, never))
    clock.advance(1e9)
    expect(engine.closed).toEqual([])
    expect(await app.models.running()).toMatchObject([{ name: "tiny:latest", expiresAt: null, streams: 0 }])
  })

  test("keep-alive: at its end the model goes, 0 at once, a negative one never", async () => {
    await using world = await createFakeApp()
    const { app, clock, engine } = world
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

  test("a model in use is not unloaded by the clock of an earlier use", async () => {
    await using world = await createFakeApp()
    const { app, clock, engine } = world
    await collect(app.chat(ask(), { keepAliveMs: 1_000 }, never))
    clock.advance(900)
    const events = app.chat(ask(), { keepAliveMs: 1_000 }, never)[Symbol.asyncIterator]()
    await events.next()
    clock.advance(5_000)
    expect(engine.closed).toEqual([])
    while ((await events.next()).done !== true);
    clock.advance(1_000)
    expect(engine.closed).toEqual(["tiny:latest"])
  })

  test("a refused plan throws numbers and what would fit; force is the plan's own affair", async () => {
    await using world = await createFakeApp({ fit: { ...FAKE_FIT, planLoad: () => REFUSED } })
    const { app } = world
    expect(await thrownBy(app.load({ model: "tiny" }, {}, never))).toMatchObject({
      code: "memory-refused",
      hint: "This would fit: a context of 512 tokens. --force loads it all the same.",
      details: { budgetBytes: 2 },
    })
  })

  test("deterministic mode that cannot be is refused by its own name, with what to do", async () => {
    const refused = { ...REFUSED, reason: "deterministic", wouldFit: [], hint: "Take a Q8_0 file." } as const
    await using world = await createFakeApp({ fit: { ...FAKE_FIT, planLoad: () => refused } })
    const wish = { deterministic: true }
    expect(await thrownBy(world.app.load({ model: "tiny" }, { wish }, never))).toMatchObject({
      code: "cannot-be-deterministic",
      hint: "Take a Q8_0 file.",
    })
  })

  test("a model that was loaded otherwise is loaded anew for deterministic mode, once", async () => {
    const fit = {
      ...FAKE_FIT,
      planLoad: (question: Parameters<typeof FAKE_FIT.planLoad>[0]) => {
        const verdict = FAKE_FIT.planLoad(question)
        if (verdict.type === "refused" || question.wish.deterministic !== true) return verdict
        // As the real plan: the mode decides the cache and the cells.
        const plan = { ...verdict.plan, kvType: "q8_0", sharesCells: false, deterministic: true } as const
        return { ...verdict, plan }
      },
    }
    await using world = await createFakeApp({ fit })
    const { app, engine } = world
    await app.load({ model: "tiny" }, {}, never)
    const wish = { deterministic: true, kvType: "f16", sharesCells: true } as const
    for (let time = 0; time < 3; time++) await app.load({ model: "tiny" }, { wish }, never)
    // Who does not ask is content with it.
    await app.load({ model: "tiny" }, {}, never)
    expect(engine.loads.map(({ plan }) => plan.deterministic ?? false)).toEqual([false, true])
  })

  test("a failed load is not kept: the next request tries again", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    engine.failLoad = new AppError("load-failed", { message: "no" })
    expect(await thrownBy(app.load({ model: "tiny" }, {}, never))).toMatchObject({ code: "load-failed" })
    engine.failLoad = undefined
    await app.load({ model: "tiny" }, {}, never)
    expect(engine.loads).toHaveLength(1)
  })

  test("closing the app closes what is loaded and takes it off the list", async () => {
    await using world = await createFakeApp()
    const { app, engine, registry } = world
    await app.load({ model: "tiny" }, {}, never)
    await app[Symbol.asyncDispose]()
    expect(engine.closed).toEqual(["tiny:latest"])
    expect(registry.entries.size).toBe(0)
  })
})

// Several models under one memory: who makes room for whom, and who waits.
import { type ChatEvent, type ChatRequest, collect, type WaitEvent } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, createFakeLibrary, FAKE_FIT, fakeStored, HARDWARE, PLAN } from "./testing.ts"

const never = new AbortController().signal
const GIB = 2 ** 30

const ask = (model: string, change: Partial<ChatRequest> = {}): ChatRequest => ({
  model,
  messages: [{ role: "user", content: "hello there" }],
  ...change,
})

/** Models `one`…`four` of `sizeGib` each, where 10 GiB may be used. */
const world = (sizeGib: number, names = ["one", "two", "three", "four"]) =>
  createFakeApp({
    library: createFakeLibrary(names.map((name) => fakeStored({ name: `${name}:latest` }))),
    hardware: async () => ({ ...HARDWARE, memoryLimitBytes: 10 * GIB, availableMemoryBytes: 10 * GIB }),
    fit: {
      ...FAKE_FIT,
      planLoad: (question) => {
        const { hardware } = question
        const made = FAKE_FIT.planLoad(question)
        const budgetBytes = Math.min(hardware.memoryLimitBytes, hardware.availableMemoryBytes)
        const memory = { ...PLAN.memory, totalBytes: sizeGib * GIB }
        const plan = { ...made.plan, memory, budgetBytes }
        return memory.totalBytes <= budgetBytes
          ? { type: "fits", plan, notices: [] }
          : { type: "refused", reason: "memory", memory, budgetBytes, message: "no", wouldFit: [], plan }
      },
    },
  })

/** A chat that has begun and is not read on. */
async function begin(events: AsyncIterable<ChatEvent>): Promise<AsyncIterator<ChatEvent>> {
  const iterator = events[Symbol.asyncIterator]()
  await iterator.next()
  return iterator
}

async function finish(iterator: AsyncIterator<ChatEvent>): Promise<void> {
  while ((await iterator.next()).done !== true);
}

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve))

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe("room", () => {
  test("as many stay as fit; then the one that was used longest ago goes, and only that one", async () => {
    await using all = await world(3)
    const { app, engine } = all
    for (const name of ["one", "two", "three", "one", "four"]) await collect(app.chat(ask(name), {}, never))
    expect(engine.loads.map((it) => it.name)).toEqual(
      ["one", "two", "three", "four"].map((it) => `${it}:latest`),
    )
    expect(engine.closed).toEqual(["two:latest"])
    expect(app.activity().models.map((it) => [it.name, it.memoryBytes])).toEqual([
      ["one:latest", 3 * GIB],
      ["three:latest", 3 * GIB],
      ["four:latest", 3 * GIB],
    ])
  })

  test("what never fits is refused at once, and nothing goes for it", async () => {
    await using all = await world(3)
    const { app, engine } = all
    await app.load({ model: "one" }, {}, never)
    const large = await world(11)
    expect(await thrownBy(large.app.load({ model: "one" }, {}, never))).toMatchObject({
      code: "memory-refused",
    })
    await large[Symbol.asyncDispose]()
    expect(engine.closed).toEqual([])
  })

  test("while models in use hold the memory a request waits, and goes on when one is idle", async () => {
    await using all = await world(6)
    const { app, engine } = all
    const first = await begin(app.chat(ask("one"), {}, never))
    const second = collect(app.chat(ask("two"), {}, never))
    await settle()
    expect(engine.loads).toHaveLength(1)
    await finish(first)
    expect((await second).text).toBe("hello there")
    expect(engine.closed).toEqual(["one:latest"])
  })

  test("two that wait for memory do not wake each other in vain", async () => {
    await using all = await world(6)
    const { app, engine } = all
    const first = await begin(app.chat(ask("one"), {}, never))
    const others = ["two", "three"].map((name) => collect(app.chat(ask(name), {}, never)))
    await settle()
    await finish(first)
    await Promise.all(others)
    expect(engine.loads).toHaveLength(3)
  })

  test("a wait for memory ends when the request is dropped, and when it took too long", async () => {
    await using all = await world(6)
    const { app, clock } = all
    const first = await begin(app.chat(ask("one"), {}, never))
    const gone = new AbortController()
    const dropped = thrownBy(collect(app.chat(ask("two"), {}, gone.signal)))
    await settle()
    gone.abort()
    expect(await dropped).toMatchObject({ code: "interrupted" })
    const late = thrownBy(collect(app.chat(ask("two"), {}, never)))
    await settle()
    clock.advance(10 * 60_000)
    expect(await late).toMatchObject({ code: "overloaded", details: { retryAfterSeconds: 60 } })
    expect(app.activity()).toMatchObject({ running: 1, waiting: 0 })
    await finish(first)
    expect(clock.pendingTimers()).toBe(1)
  })

  test("who waited long is not overtaken for ever by requests for what is loaded", async () => {
    await using all = await world(6)
    const { app, clock, engine } = all
    const first = await begin(app.chat(ask("one"), {}, never))
    const second = collect(app.chat(ask("two"), {}, never))
    await settle()
    clock.advance(15_000)
    const overtaking = collect(app.chat(ask("one"), {}, never))
    await settle()
    await finish(first)
    await second
    await overtaking
    expect(engine.loads.map((it) => it.name)).toEqual(["one:latest", "two:latest", "one:latest"])
  })

  test("a copy for embeddings stays beside one for chats where there is room, and each serves its own", async () => {
    await using all = await world(3)
    const { app, engine } = all
    await collect(app.chat(ask("one"), {}, never))
    await app.embed({ model: "one", texts: ["a"] }, {}, never)
    await collect(app.chat(ask("one"), {}, never))
    await app.embed({ model: "one", texts: ["a"] }, {}, never)
    expect(engine.loads.map((it) => it.plan.embeddings)).toEqual([false, true])
    expect(engine.closed).toEqual([])
  })
})

describe("loads", () => {
  test("what is loaded is lent while another model loads", async () => {
    await using all = await world(3)
    const { app, engine } = all
    await app.load({ model: "one" }, {}, never)
    const load = engine.load.bind(engine)
    const opened = Promise.withResolvers<void>()
    engine.load = async (...given) => {
      await opened.promise
      return load(...given)
    }
    const slow = collect(app.chat(ask("two"), {}, never))
    await settle()
    expect((await collect(app.chat(ask("one"), {}, never))).text).toBe("hello there")
    opened.resolve()
    await slow
  })

  test("progress: 0, what the engine tells, 1; everybody who waits hears it", async () => {
    await using all = await world(3)
    const { app, engine } = all
    const load = engine.load.bind(engine)
    const opened = Promise.withResolvers<void>()
    engine.load = async (file, ...given) => {
      await opened.promise
      file.onProgress?.(0.5)
      file.onProgress?.(0.25)
      return load(file, ...given)
    }
    const heard: [WaitEvent[], WaitEvent[]] = [[], []]
    const both = heard.map((list) =>
      app.load({ model: "one" }, { onWait: (event) => list.push(event) }, never),
    )
    await settle()
    opened.resolve()
    await Promise.all(both)
    const progress = [0, 0.5, 1].map((fraction) => ({
      type: "load-progress",
      model: "one:latest",
      fraction,
    }))
    expect(heard).toEqual([progress, progress])
    expect(engine.loads).toHaveLength(1)
  })

  test("a load goes on for those who still wait, and stops when nobody does", async () => {
    await using all = await world(3)
    const { app, engine } = all
    const load = engine.load.bind(engine)
    let signal = never
    const opened = Promise.withResolvers<void>()
    engine.load = async (file, plan, given) => {
      signal = given
      await opened.promise
      return load(file, plan, given)
    }
    const gone = [new AbortController(), new AbortController()]
    const loads = gone.map((it) => thrownBy(app.load({ model: "one" }, {}, it.signal)))
    await settle()
    gone[0]?.abort()
    expect(await loads[0]).toMatchObject({ code: "interrupted" })
    expect(signal.aborted).toBe(false)
    gone[1]?.abort()
    expect(await loads[1]).toMatchObject({ code: "interrupted" })
    expect(signal.aborted).toBe(true)
    opened.resolve()
    await settle()
    expect(engine.closed).toEqual(["one:latest"])
    expect(app.activity().models).toEqual([])
    // The next one starts anew.
    await app.load({ model: "one" }, {}, never)
    expect(engine.loads).toHaveLength(2)
  })
})

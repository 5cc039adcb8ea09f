// A client may leave at every moment; what it held is given back.
import { type ChatEvent, type ChatRequest, collect } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, type FakeApp } from "./testing.ts"

const never = new AbortController().signal

const ask: ChatRequest = { model: "tiny", messages: [{ role: "user", content: "hello there" }] }

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve))

const endOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: unknown) => error,
  )

/** Rejects when the signal aborts, as an engine's question does. */
async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))
  throw new DOMException("stopped", "AbortError")
}

/** An answer that goes so far and then hears of nothing but the abort. */
const stuckAfter = (events: readonly ChatEvent[]) =>
  async function* (_: unknown, signal: AbortSignal): AsyncIterable<ChatEvent> {
    yield* events
    await untilAborted(signal).catch(() => undefined)
    yield { type: "error", code: "interrupted", message: "The work was stopped." }
  }

const START: ChatEvent = { type: "start", model: "tiny:latest", id: "1" }

/** Nothing runs, waits or is lent, and the next request is answered. */
async function expectFree({ app, engine }: FakeApp): Promise<void> {
  expect(app.activity()).toMatchObject({ running: 0, waiting: 0 })
  for (const model of app.activity().models) expect(model.streams).toBe(0)
  engine.answer = undefined
  expect((await collect(app.chat(ask, {}, never))).text).toBe("hello there")
}

describe("turn and lease come back when the client leaves", () => {
  test.each([
    ["in prefill", [START, { type: "prompt-progress", doneTokens: 1, totalTokens: 9 }]],
    ["between two tokens", [START, { type: "text-delta", text: "hel" }]],
    ["before the start", []],
  ] as readonly [string, readonly ChatEvent[]][])("%s", async (_, events) => {
    await using world = await createFakeApp({ wish: { streams: 1 } })
    world.engine.answer = stuckAfter(events)
    const gone = new AbortController()
    const end = endOf(collect(world.app.chat(ask, {}, gone.signal)))
    await settle()
    expect(world.app.activity()).toMatchObject({ running: 1, models: [{ streams: 1 }] })
    gone.abort()
    expect(await end).toMatchObject({ code: "interrupted" })
    await expectFree(world)
  })

  test("while it waits for its turn", async () => {
    await using world = await createFakeApp({ wish: { streams: 1 } })
    const { app, engine } = world
    engine.answer = stuckAfter([START])
    const first = new AbortController()
    const running = endOf(collect(app.chat(ask, {}, first.signal)))
    await settle()
    const gone = new AbortController()
    const end = endOf(collect(app.chat(ask, {}, gone.signal)))
    await settle()
    expect(app.activity()).toMatchObject({ running: 1, waiting: 1 })
    gone.abort()
    expect(await end).toMatchObject({ code: "interrupted" })
    expect(app.activity()).toMatchObject({ running: 1, waiting: 0 })
    first.abort()
    await running
    await expectFree(world)
  })

  test("while its model loads", async () => {
    await using world = await createFakeApp({ wish: { streams: 1 } })
    const { app, engine } = world
    const load = engine.load.bind(engine)
    engine.load = async (_file, _plan, signal) => await untilAborted(signal)
    const gone = new AbortController()
    const end = endOf(collect(app.chat(ask, {}, gone.signal)))
    await settle()
    expect(app.activity()).toMatchObject({ running: 1, models: [] })
    gone.abort()
    expect(await end).toMatchObject({ code: "interrupted" })
    engine.load = load
    await expectFree(world)
  })

  test("while it embeds", async () => {
    await using world = await createFakeApp({ wish: { streams: 1 } })
    const { app, engine } = world
    engine.beforeEmbed = untilAborted
    const gone = new AbortController()
    const end = endOf(app.embed({ model: "tiny", texts: ["a"] }, {}, gone.signal))
    await settle()
    expect(app.activity()).toMatchObject({ running: 1, models: [{ streams: 1 }] })
    gone.abort()
    expect(await end).toMatchObject({ name: "AbortError" })
    await expectFree(world)
  })

  test("a reader that stops reading without a word", async () => {
    await using world = await createFakeApp({ wish: { streams: 1 } })
    for await (const event of world.app.chat(ask, {}, never)) if (event.type === "text-delta") break
    await expectFree(world)
  })
})

describe("the queue in the app", () => {
  test("past its length a request is refused before it loads or asks anything", async () => {
    await using world = await createFakeApp({ wish: { streams: 1 }, queueLength: 1 })
    const { app, engine } = world
    engine.answer = stuckAfter([START])
    const gone = new AbortController()
    const both = [1, 2].map(() => endOf(collect(app.chat(ask, {}, gone.signal))))
    await settle()
    const { signal } = gone
    expect(await endOf(collect(app.chat(ask, {}, signal)))).toMatchObject({ code: "overloaded" })
    const texts = ["a"]
    expect(await endOf(app.embed({ model: "tiny", texts }, {}, signal))).toMatchObject({ code: "overloaded" })
    // What makes the model do nothing needs no turn.
    expect(await app.tokenize({ model: "tiny", text: "a" }, never)).toEqual([97])
    gone.abort()
    await Promise.all(both)
  })

  test("a model that is loaded with fewer streams than wished runs no more at once", async () => {
    await using world = await createFakeApp({ wish: { mostStreams: 2 } })
    const { app, engine } = world
    engine.answer = stuckAfter([START])
    const gone = new AbortController()
    const all = Array.from({ length: 5 }, () => endOf(collect(app.chat(ask, {}, gone.signal))))
    await settle()
    expect(app.activity()).toMatchObject({ running: 2, waiting: 3 })
    gone.abort()
    await Promise.all(all)
  })

  test("an owner's prefixes are its own; who says nothing is the machine's owner", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    await collect(app.chat(ask, { owner: "key-1" }, never))
    await collect(app.chat(ask, {}, never))
    const prompt = { type: "plain", text: "a" } as const
    await collect(app.complete({ model: "tiny", prompt }, { owner: "key-2" }, never))
    expect(engine.prompts.map((it) => it.options.cacheOwner)).toEqual(["key-1", "local", "key-2"])
  })

  test("a chat with an image is refused by the model's name", async () => {
    await using world = await createFakeApp()
    const images = [{ mediaType: "image/png", data: "AAAA" }]
    const messages: ChatRequest["messages"] = [...ask.messages, { role: "user", content: "what?", images }]
    expect(await endOf(collect(world.app.chat({ ...ask, messages }, {}, never)))).toMatchObject({
      code: "unsupported",
      message: "tiny:latest reads text only; message 2 has an image.",
    })
    const none: ChatRequest["messages"] = [{ role: "user", content: "what?", images: [] }]
    expect(await endOf(collect(world.app.chat({ ...ask, messages: none }, {}, never)))).toBe("done")
  })
})

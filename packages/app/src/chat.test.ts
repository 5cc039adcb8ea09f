import { type ChatEvent, type ChatRequest, collect } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, createFakeLibrary, FAKE_FIT, fakeStored, PLAN } from "./testing.ts"

const never = new AbortController().signal

const ask = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "tiny",
  messages: [{ role: "user", content: "hello there" }],
  ...change,
})

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
    await using world = await createFakeApp()
    const { app } = world
    const events = await all(app.chat(ask(), {}, never))
    expect(events.map((event) => event.type)).toEqual(["start", "text-delta", "text-delta", "finish"])
  })

  test("timings count from the request, loading included", async () => {
    await using world = await createFakeApp()
    const { app, clock, engine } = world
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

  test("a clock in the system text is moved and said, unless the request says otherwise", async () => {
    await using world = await createFakeApp()
    const clock = "Current time is 20:37:19. Today's date is 2024-12-20."
    const user = { role: "user", content: "hello" } as const
    const request = ask({ messages: [{ role: "system", content: `${clock}\nYou speak.` }, user] })
    const moved = await collect(world.app.chat(request, {}, never))
    const plain = await collect(world.app.chat({ ...request, normalise: false }, {}, never))
    expect([moved.timings.normalised, plain.timings.normalised]).toEqual([["clock"], undefined])
    const texts = world.engine.prompts.map(({ prompt }) => JSON.stringify(prompt))
    expect(texts[0]).toContain(JSON.stringify(`You speak.\n${clock}`))
    expect(texts[1]).toContain(JSON.stringify(`${clock}\nYou speak.`))
  })

  test("answers are guessed ahead as the settings say, unless the request says otherwise", async () => {
    for (const speculation of [true, false]) {
      await using world = await createFakeApp({ speculation })
      const { app, engine } = world
      for (const request of [ask(), ask({ speculate: true }), ask({ speculate: false })])
        await collect(app.chat(request, {}, never))
      const asked = engine.prompts.map(({ options }) => options.speculate)
      expect(asked).toEqual([speculation, true, false])
    }
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
    await using world = await createFakeApp({ library: createFakeLibrary([stored]) })
    const { app, engine } = world
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
    await using world = await createFakeApp({ fit })
    const { app } = world
    const [start, notice] = await all(app.chat(ask(), {}, never))
    expect([start?.type, notice]).toEqual([
      "start",
      { type: "notice", message: "The context is 2048 tokens." },
    ])
    expect((await collect(app.chat(ask(), {}, never))).notices).toEqual([])
  })

  test("an unknown model is thrown before any event", async () => {
    await using world = await createFakeApp()
    const { app } = world
    expect(await thrownBy(all(app.chat(ask({ model: "nobody" }), {}, never)))).toMatchObject({
      code: "model-not-found",
    })
  })

  test("a reader who leaves gives the lease back", async () => {
    await using world = await createFakeApp()
    const { app, clock, engine } = world
    for await (const event of app.chat(ask(), { keepAliveMs: 1_000 }, never))
      if (event.type === "text-delta") break
    expect(app.activity().models).toMatchObject([{ streams: 0 }])
    clock.advance(1_000)
    await app.load({ model: "tiny" }, {}, never)
    expect(engine.loads).toHaveLength(2)
  })
})

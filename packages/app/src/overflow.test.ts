import { type ChatEvent, type ChatRequest, collect, type Message } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { oldTurns } from "./overflow.ts"
import { createFakeApp, createFakeLibrary, type FakeEngine, fakeStored, type Prompt } from "./testing.ts"

const never = new AbortController().signal
const CONTEXT = 100

const user = (content: string): Message => ({ role: "user", content })
const assistant = (content: string): Message => ({ role: "assistant", content })
const system = (content: string): Message => ({ role: "system", content })

const contentsOf = (prompt: Prompt | undefined): readonly string[] =>
  prompt?.type === "chat" ? prompt.messages.map((it) => it.content) : []

/** One token for each character of each message. */
function countCharacters(engine: FakeEngine): void {
  engine.tokensOf = (prompt) => contentsOf(prompt).join("").length
}

const ten = (word: string): string => word.padEnd(10, ".")

const ask = (messages: readonly Message[], change: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "tiny",
  messages: [...messages],
  contextLength: CONTEXT,
  maxTokens: 10,
  ...change,
})

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

const LONG = [
  system(ten("rules")),
  ...[1, 2, 3, 4, 5, 6].flatMap((turn) => [user(ten(`q${turn}`)), assistant(ten(`a${turn}`))]),
  user(ten("now")),
]

describe("without a policy", () => {
  test("nothing is cut: the error has both numbers", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    await app.load({ model: "tiny" }, {}, never)
    expect(await thrownBy(collect(app.chat(ask(LONG), {}, never)))).toMatchObject({
      code: "context-overflow",
      message: expect.stringMatching(/140.*100/),
      details: { promptTokens: 140, contextLength: CONTEXT },
    })
    expect(engine.prompts).toEqual([])
  })

  test("a shorter context than the loaded one bounds the answer exactly: n − 1 is answered, n is not", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    await app.load({ model: "tiny" }, {}, never)
    const chat = (length: number, maxTokens: number) =>
      collect(app.chat(ask([user("x".repeat(length))], { maxTokens }), {}, never))
    await chat(95, 3)
    await chat(95, 50)
    await chat(CONTEXT - 1, 50)
    expect(engine.prompts.map((it) => it.options.maxTokens)).toEqual([3, 5, 1])
    expect(await thrownBy(chat(CONTEXT, 1))).toMatchObject({ code: "context-overflow" })
    const complete = (text: string) =>
      collect(
        app.complete({ model: "tiny", prompt: { type: "plain", text }, contextLength: CONTEXT }, {}, never),
      )
    engine.tokensOf = (prompt) => (prompt.type === "plain" ? prompt.text.length : 0)
    await complete("x".repeat(90))
    expect(engine.prompts.at(-1)?.options.maxTokens).toBe(10)
    expect(await thrownBy(complete("x".repeat(CONTEXT)))).toMatchObject({ code: "context-overflow" })
  })
})

describe("drop-oldest", () => {
  test("the oldest turns go until the answer has room, and the start says so", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    const answer = await collect(app.chat(ask(LONG, { overflow: "drop-oldest" }), {}, never))
    expect(contentsOf(engine.prompts[0]?.prompt)).toEqual(
      ["rules", "q4", "a4", "q5", "a5", "q6", "a6", "now"].map(ten),
    )
    expect(answer.dropped).toEqual({ policy: "drop-oldest", messages: 6, tokens: 60 })
  })

  test("what fits is not touched, and nothing is said", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    const short = LONG.slice(-9)
    const answer = await collect(app.chat(ask(short, { overflow: "drop-oldest" }), {}, never))
    expect(answer.dropped).toBeUndefined()
    expect(contentsOf(engine.prompts[0]?.prompt)).toHaveLength(9)
  })

  test("system messages and the last turn stay; when they alone are too long it is an error with both numbers", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    const messages = [user(ten("old")), system("s".repeat(60)), user("n".repeat(60))]
    expect(
      await thrownBy(collect(app.chat(ask(messages, { overflow: "drop-oldest" }), {}, never))),
    ).toMatchObject({ code: "context-overflow", details: { promptTokens: 120, contextLength: CONTEXT } })
  })

  test("turns never lose a part: tool results go with their calls", () => {
    const role = fc.constantFrom("system", "user", "assistant", "tool")
    const message = role.map((it) => ({ role: it, content: it }) as Message)
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), fc.nat(30), (messages, count) => {
        const turns = oldTurns(messages)
        const gone = new Set(turns.slice(0, count).flat())
        const kept = messages.filter((_, index) => !gone.has(index))
        expect(kept.filter((it) => it.role === "system")).toEqual(
          messages.filter((it) => it.role === "system"),
        )
        const last = messages.findLastIndex((it) => it.role === "user")
        if (last >= 0) expect(kept.slice(-(messages.length - last))).toEqual(messages.slice(last))
        // Beside system messages, what is left of a cut conversation begins with a user.
        const first = kept.find((it) => it.role !== "system")
        if (gone.size > 0) expect(first?.role).toBe("user")
      }),
    )
  })
})

describe("summarise", () => {
  /** Summaries are `text`, other answers the usual. */
  const summariesOf = (text: string) =>
    async function* (prompt: Prompt): AsyncIterable<ChatEvent> {
      const isSummary = contentsOf(prompt)[0]?.startsWith("Summarise") === true
      yield { type: "start", model: "tiny:latest", id: "1" }
      yield { type: "text-delta", text: isSummary ? text : "done" }
      yield {
        type: "finish",
        reason: "stop",
        usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
        timings: { loadMs: 0, ttftMs: 0, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 0 },
      }
    }

  const ROOMY = { contextLength: 600, overflow: "summarise" } as const
  const OLD = [user(`cats ${"c".repeat(295)}`), assistant("d".repeat(100))]
  const NEW = [user("e".repeat(100)), assistant("f".repeat(100)), user("now")]

  test("the model's own summary takes the place of what goes, in the system text where there is one", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    engine.answer = summariesOf("About cats.")
    const messages = [system("Rules."), ...OLD, ...NEW]
    const answer = await collect(app.chat(ask(messages, ROOMY), {}, never))
    expect(answer).toMatchObject({
      text: "done",
      dropped: { policy: "summarise", messages: 2, tokens: 400 },
    })
    const [summary, chat] = engine.prompts
    expect(summary?.options).toMatchObject({
      sampling: { temperature: 0 },
      maxTokens: 150,
      cachePrompt: false,
    })
    expect(contentsOf(chat?.prompt)).toEqual([
      "Rules.\n\nSummary of the earlier conversation:\nAbout cats.",
      ...NEW.map((it) => it.content),
    ])
  })

  test("without a system text the summary is one; the model's own is kept", async () => {
    const stored = fakeStored({}, { system: "Own." })
    for (const [library, expected] of [
      [createFakeLibrary([fakeStored()]), "Summary of the earlier conversation:\nAbout cats."],
      [createFakeLibrary([stored]), "Own.\n\nSummary of the earlier conversation:\nAbout cats."],
    ] as const) {
      await using world = await createFakeApp({ library })
      const { app, engine } = world
      countCharacters(engine)
      engine.answer = summariesOf("About cats.")
      await collect(app.chat(ask([...OLD, ...NEW], ROOMY), {}, never))
      expect(contentsOf(engine.prompts[1]?.prompt)[0]).toBe(expected)
    }
  })

  test("of a text that is too long itself only the newest part is read", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    engine.answer = summariesOf("Short.")
    const old = [user("a".repeat(3_000)), assistant(`${"b".repeat(3_000)} the end`)]
    await collect(app.chat(ask([...old, user("now")], ROOMY), {}, never))
    const [read = ""] = contentsOf(engine.prompts[0]?.prompt)
    expect(read.length).toBeLessThanOrEqual(450)
    expect(read.endsWith("the end")).toBe(true)
  })

  test("a failed summary is the request's failure", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    countCharacters(engine)
    engine.answer = async function* (): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "tiny:latest", id: "1" }
      yield { type: "error", code: "engine-crashed", message: "gone" }
    }
    expect(await thrownBy(collect(app.chat(ask([...OLD, ...NEW], ROOMY), {}, never)))).toMatchObject({
      code: "engine-crashed",
    })
    expect(app.activity()).toMatchObject({ running: 0, models: [{ streams: 0 }] })
  })
})

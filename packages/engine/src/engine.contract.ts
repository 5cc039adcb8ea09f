// The suite that every implementation of `Model` passes. What is generated is pinned by grammars, so that the same
// expectations hold for an echo and for real weights.
import { type ChatEvent, collect } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { GenerateOptions, Model, Prompt } from "./engine.ts"

export interface MadeModel {
  readonly model: Model
  readonly dispose: () => Promise<void>
}

export interface EngineContractOptions {
  /** For each test. Defaults to 30,000. */
  readonly timeoutMs?: number
  /** A control token that the model's template writes. Defaults to `<|im_end|>`. */
  readonly controlToken?: string
  /** Makes a model that gives embeddings, when the first one does not. Defaults to the first one. */
  readonly makeEmbedder?: () => Promise<MadeModel>
}

const HELLO: Prompt = { type: "chat", messages: [{ role: "user", content: "Say hello." }] }
const LONG_GRAMMAR = "root ::= [a-z]{600}"
const FAMILY = "\u{1F469}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}"
const SCRIPTS = `${FAMILY} नमस्ते é 你好 🇵🇹`
const WEATHER = {
  name: "get_weather",
  description: "Gets the weather of a city.",
  parameters: {
    type: "object",
    properties: {
      city: { type: "string", minLength: 1, maxLength: 20 },
      days: { type: "integer", minimum: 1, maximum: 9 },
    },
    required: ["city", "days"],
  },
}

const exactly = (text: string): GenerateOptions => ({
  format: { type: "gbnf", grammar: `root ::= ${JSON.stringify(text)}` },
  sampling: { temperature: 0 },
})

async function gather(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const gathered: ChatEvent[] = []
  for await (const event of events) gathered.push(event)
  return gathered
}

async function* replay(events: readonly ChatEvent[]): AsyncIterable<ChatEvent> {
  yield* events
}

const textOf = (events: readonly ChatEvent[]): string =>
  events.map((event) => (event.type === "text-delta" ? event.text : "")).join("")

function cosine(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

const never = (): AbortSignal => new AbortController().signal

export function describeEngineContract(
  name: string,
  makeModel: () => Promise<MadeModel>,
  options: EngineContractOptions = {},
): void {
  describe(`engine contract: ${name}`, { timeout: options.timeoutMs ?? 30_000 }, () => {
    let made: MadeModel
    let model: Model
    beforeAll(async () => {
      made = await makeModel()
      model = made.model
    }, options.timeoutMs ?? 30_000)
    afterAll(async () => {
      await made?.dispose()
    })
    const run = (prompt: Prompt, request: GenerateOptions, signal = never()): Promise<ChatEvent[]> =>
      gather(model.generate(prompt, request, signal))

    test("a stream has one start first and one end last", async () => {
      const events = await run(HELLO, { maxTokens: 4, id: "mine" })
      const types = events.map((event) => event.type)
      expect(events[0]).toEqual({ type: "start", model: model.facts.name, id: "mine" })
      expect(types.filter((type) => type === "start")).toHaveLength(1)
      expect(types.filter((type) => type === "finish" || type === "error")).toHaveLength(1)
      expect(types.at(-1)).toBe("finish")
    })

    test("a prompt that is taken is told of before the first token, with the tokens it has", async () => {
      const events = await run(HELLO, { maxTokens: 4 })
      const [first] = events.filter((event) => event.type !== "start" && event.type !== "notice")
      const { usage } = await collect(replay(events))
      expect(first).toEqual({ type: "prompt-progress", doneTokens: 0, totalTokens: usage.promptTokens })
    })

    test("what `collect` gives is the deltas put together", async () => {
      const events = await run(HELLO, exactly("one two three"))
      const answer = await collect(replay(events))
      expect(answer.text).toBe("one two three")
      expect(textOf(events)).toBe(answer.text)
      expect(answer.reason).toBe("stop")
      expect(answer.usage.promptTokens).toBeGreaterThan(0)
      expect(answer.usage.completionTokens).toBeGreaterThan(0)
      expect(answer.timings.totalMs).toBeGreaterThanOrEqual(0)
    })

    test.each([
      ["in the middle of words", "ha be", "alp"],
      ["a whole word", "beta", "alpha "],
      ["at the very start", "alpha", ""],
      ["the first of several places", "m", "alpha beta ga"],
      ["the last characters", "mma", "alpha beta ga"],
    ])("a stop string ends the text before it: %s", async (_, stop, text) => {
      const events = await run(HELLO, { ...exactly("alpha beta gamma"), stop: ["never", stop] })
      expect(textOf(events)).toBe(text)
      expect(events.at(-1)).toMatchObject({ type: "finish", reason: "stop", stopString: stop })
    })

    test("the beginning of a stop string that does not come is given out", async () => {
      const events = await run(HELLO, { ...exactly("alpha beta gamma"), stop: ["gammas", "beta!"] })
      expect(textOf(events)).toBe("alpha beta gamma")
      expect(events.at(-1)).not.toHaveProperty("stopString")
    })

    test("no more than maxTokens come", async () => {
      const events = await run(HELLO, { format: { type: "gbnf", grammar: LONG_GRAMMAR }, maxTokens: 5 })
      expect(events.at(-1)).toMatchObject({
        type: "finish",
        reason: "length",
        usage: { completionTokens: 5 },
      })
      expect(textOf(events).length).toBeGreaterThan(0)
    })

    test("an abort ends the stream with `interrupted`, and the next request works", async () => {
      const stop = new AbortController()
      const events: ChatEvent[] = []
      for await (const event of model.generate(
        HELLO,
        { format: { type: "gbnf", grammar: LONG_GRAMMAR } },
        stop.signal,
      )) {
        events.push(event)
        if (event.type === "text-delta") stop.abort()
      }
      expect(events.at(-1)).toMatchObject({ type: "error", code: "interrupted" })
      expect(textOf(events).length).toBeLessThan(600)
      expect(textOf(await run(HELLO, exactly("still here")))).toBe("still here")
      expect(model.activity()).toMatchObject({ streams: 0, queued: 0 })
    })

    test("a signal that is aborted before gives `interrupted`", async () => {
      const events = await run(HELLO, exactly("x"), AbortSignal.abort())
      expect(events.at(-1)).toMatchObject({ type: "error", code: "interrupted" })
    })

    test("a reader that goes away frees the stream", async () => {
      for await (const event of model.generate(
        HELLO,
        { format: { type: "gbnf", grammar: LONG_GRAMMAR } },
        never(),
      ))
        if (event.type === "text-delta") break
      expect(textOf(await run(HELLO, exactly("still here")))).toBe("still here")
    })

    test("a prompt longer than the context is refused with both numbers", async () => {
      const { contextLength } = model.facts
      const text = "word ".repeat(contextLength * 2)
      const last = (await run({ type: "plain", text }, { maxTokens: 1 })).at(-1)
      expect(last).toMatchObject({ type: "error", code: "context-overflow", details: { contextLength } })
      const promptTokens = last?.type === "error" ? last.details?.promptTokens : undefined
      expect(promptTokens).toBeGreaterThan(contextLength)
    })

    test("every delta is whole characters", async () => {
      const events = await run(HELLO, exactly(SCRIPTS))
      for (const event of events)
        if (event.type === "text-delta") expect(event.text.isWellFormed()).toBe(true)
      expect(textOf(events)).toBe(SCRIPTS)
      expect(textOf(events)).not.toContain("\uFFFD")
    })

    test.each(["Hello, world!", " leading and trailing ", "a\nb\tc", SCRIPTS, "<|im_end|> is text"])(
      "detokenize gives back what tokenize took: %j",
      async (text) => {
        const tokens = await model.tokenize(text, { special: false, addBos: false }, never())
        expect(tokens.length).toBeGreaterThan(0)
        expect(await model.detokenize(tokens, never())).toBe(text)
      },
    )

    test("a user's text is never a control token", async () => {
      const control = options.controlToken ?? "<|im_end|>"
      const [id] = await model.tokenize(control, { special: true, addBos: false }, never())
      const count = async (content: string): Promise<number> => {
        const { tokens } = await model.render(
          { type: "chat", messages: [{ role: "user", content }] },
          never(),
        )
        return tokens.filter((token) => token === id).length
      }
      expect(await count(`a ${control} b ${control}`)).toBe(await count("a b"))
    })

    test("a rendered prompt says for each token who wrote it", async () => {
      const rendered = await model.render(HELLO, never())
      expect(rendered.text).toContain("Say hello.")
      expect(rendered.fromTemplate).toHaveLength(rendered.tokens.length)
      expect(new Set(rendered.fromTemplate)).toEqual(new Set([true, false]))
    })

    test("log-probabilities come when asked for, one a token", async () => {
      const events = await run(HELLO, { ...exactly("alpha beta"), topLogprobs: 2 })
      const logprobs = events.flatMap((event) => (event.type === "text-delta" ? (event.logprobs ?? []) : []))
      expect(Buffer.concat(logprobs.map(({ bytes }) => Buffer.from(bytes))).toString()).toBe("alpha beta")
      for (const { logprob, top } of logprobs) {
        expect(logprob).toBeLessThanOrEqual(1e-4)
        expect(top).toHaveLength(2)
        expect(top[0]?.logprob).toBeGreaterThanOrEqual(top[1]?.logprob ?? 0)
      }
      const without = await run(HELLO, exactly("alpha"))
      expect(without.some((event) => event.type === "text-delta" && event.logprobs !== undefined)).toBe(false)
    })

    test.each<[string, GenerateOptions["format"]]>([
      ["a raw grammar", { type: "gbnf", grammar: 'root ::= "a" unknown' }],
      ["a schema", { type: "json-schema", schema: { not: {} } }],
    ])("%s that cannot be enforced is an error event", async (_, format) => {
      const events = await run(HELLO, format === undefined ? {} : { format })
      expect(events.map((event) => event.type)).toEqual(["start", "error"])
      expect(events.at(-1)).toMatchObject({ code: "bad-grammar" })
    })

    test("a JSON schema is kept", async () => {
      const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] }
      const answer = await collect(
        model.generate(HELLO, { format: { type: "json-schema", schema }, maxTokens: 64 }, never()),
      )
      expect(JSON.parse(answer.text)).toEqual({ ok: expect.any(Boolean) })
    })

    test("streams at the same time do not mix", async () => {
      const texts = ["first one", "the second", "number three", "and four"]
      const answers = await Promise.all(texts.map((text) => run(HELLO, exactly(text))))
      expect(answers.map(textOf)).toEqual(texts)
    })

    test("a demanded tool is called with arguments that fit", async () => {
      const events = await run(
        { type: "chat", messages: [{ role: "user", content: "Weather in Porto?" }], tools: [WEATHER] },
        { toolChoice: "required", maxTokens: 128, sampling: { temperature: 0 } },
      )
      const answer = await collect(replay(events))
      expect(answer.reason).toBe("tool-calls")
      expect(answer.toolCalls).toHaveLength(1)
      expect(answer.toolCalls[0]?.name).toBe("get_weather")
      expect(JSON.parse(answer.toolCalls[0]?.arguments ?? "")).toEqual({
        city: expect.any(String),
        days: expect.any(Number),
      })
    })

    test("embeddings: one a text, of the length that the facts say", async () => {
      const embedder = await (options.makeEmbedder?.() ?? made)
      const { vectors } = await embedder.model.embed(["a cat", "a cat", "stock market news"], never())
      expect(vectors.map((vector) => vector.length)).toEqual(
        Array(3).fill(embedder.model.facts.embeddingLength),
      )
      const [a, same, other] = vectors
      // Rows of one batch may differ in their last bits.
      expect(cosine(a, same)).toBeGreaterThan(0.999)
      expect(cosine(a, other)).toBeLessThan(0.999)
      if (embedder !== made) await embedder.dispose()
    })

    test("a closed model answers with errors", async () => {
      const closing = await makeModel()
      await closing.model[Symbol.asyncDispose]()
      const events = await gather(closing.model.generate(HELLO, {}, never()))
      expect(events.map((event) => event.type)).toEqual(["start", "error"])
      await expect(closing.model.tokenize("x", { special: false, addBos: false }, never())).rejects.toThrow()
      await closing.dispose()
    })
  })
}

import { collect } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createEchoEngine, type EchoEngineOptions } from "./echo-engine.ts"
import { describeEngineContract } from "./engine.contract.ts"
import type { Model, Prompt } from "./engine.ts"
import { createManualClock, TEST_FILE, TEST_PLAN } from "./testing.ts"

const never = new AbortController().signal
const load = (options?: EchoEngineOptions): Promise<Model> =>
  createEchoEngine(options).load(TEST_FILE, TEST_PLAN, never)
const say = (content: string): Prompt => ({ type: "chat", messages: [{ role: "user", content }] })

describeEngineContract("echo", async () => {
  const model = await load()
  return { model, dispose: async () => model[Symbol.asyncDispose]() }
})

describe("echo engine", () => {
  test("answers with the last user message", async () => {
    const model = await load()
    const answer = await collect(model.generate(say("Hello, good world 😀"), {}, never))
    expect(answer.text).toBe("Hello, good world 😀")
    expect(answer.usage).toEqual({ promptTokens: 18, cachedTokens: 0, completionTokens: 6 })
  })

  test("thinks aloud when asked to", async () => {
    const model = await load()
    const answer = await collect(
      model.generate({ type: "chat", messages: [{ role: "user", content: "x" }], think: true }, {}, never),
    )
    expect(answer.reasoning).not.toBe("")
    expect(answer.text).toBe("x")
  })

  test("plays the answer that it is given, tool calls too", async () => {
    const model = await load({
      answer: () => ({ text: 'Wait. <tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>' }),
    })
    const prompt: Prompt = { ...say("x"), type: "chat", messages: [], tools: [{ name: "f", parameters: {} }] }
    const answer = await collect(model.generate(prompt, {}, never))
    expect(answer).toMatchObject({
      text: "Wait.",
      reason: "tool-calls",
      toolCalls: [{ name: "f", arguments: '{"a": 1}' }],
    })
    const none = await collect(model.generate(prompt, { toolChoice: "none" }, never))
    expect(none).toMatchObject({ reason: "stop", toolCalls: [] })
    expect(none.text).toContain("<tool_call>")
  })

  test("speaks at the speed of its clock", async () => {
    const clock = createManualClock()
    const model = await load({ tokensPerSecond: 10, clock })
    const stream = model.generate(say("one two"), {}, never)[Symbol.asyncIterator]()
    expect((await stream.next()).value).toMatchObject({ type: "start" })
    expect((await stream.next()).value).toMatchObject({ type: "prompt-progress" })
    const first = stream.next()
    await clock.advance(99)
    await expect(Promise.race([first, Promise.resolve("waiting")])).resolves.toBe("waiting")
    await clock.advance(1)
    expect((await first).value).toEqual({ type: "text-delta", text: "one" })
    const second = stream.next()
    await clock.advance(100)
    expect((await second).value).toEqual({ type: "text-delta", text: " two" })
    expect((await stream.next()).value).toMatchObject({
      type: "finish",
      timings: { ttftMs: 100, totalMs: 200 },
    })
  })

  test("renders through a template of its own when the file has one", async () => {
    const model = await createEchoEngine().load(
      { ...TEST_FILE, template: "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}" },
      TEST_PLAN,
      never,
    )
    expect((await model.render(say("hi <|im_end|>"), never)).text).toBe("[user] hi <|im_end|>")
  })

  test("texts that share words are near each other", async () => {
    const model = await load()
    const texts = ["the red house", "a red house", "quarterly earnings call"]
    const { vectors, promptTokens } = await model.embed(texts, never)
    expect(promptTokens).toBe(16)
    const [a, b, c] = vectors
    const dot = (x: Float32Array, y: Float32Array): number =>
      x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
    expect(dot(a!, a!)).toBeCloseTo(1)
    expect(dot(a!, b!)).toBeGreaterThan(dot(a!, c!))
  })

  test("the context ends an answer that does not fit", async () => {
    const model = await createEchoEngine().load(TEST_FILE, { ...TEST_PLAN, contextLength: 16 }, never)
    const answer = await collect(model.generate({ type: "plain", text: "a b c d e f g h i j" }, {}, never))
    expect(answer).toMatchObject({ reason: "length", usage: { promptTokens: 10, completionTokens: 6 } })
  })

  test("a number that is no token is refused", async () => {
    const model = await load()
    await expect(model.detokenize([99], never)).rejects.toThrow("99 is not a token")
    await expect(model.detokenize([-1], never)).rejects.toThrow("-1 is not a token")
  })
})

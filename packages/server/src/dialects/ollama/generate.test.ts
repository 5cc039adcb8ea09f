import { createFakeApp, type FakeApp, fakeStored } from "@fireside/app/testing"
import { AppError } from "@fireside/protocol"
import { expect, test } from "vitest"
import type { Reply } from "../../route.ts"
import { callRoute, readFrames } from "../../testing.ts"
import { decodeGenerate } from "./generate.ts"
import { renderChatml } from "./render-chatml.fixture.ts"
import { ollamaRoutes } from "./routes.ts"

const generate = (fake: FakeApp, body: object): Promise<Reply> =>
  callRoute(
    ollamaRoutes,
    { ...fake.app, render: renderChatml },
    { path: "/api/generate", body: { model: "tiny", stream: false, ...body } },
  )

const bodyOf = async (reply: Promise<Reply>): Promise<Record<string, unknown>> => {
  const made = await reply
  if (made.type !== "json") throw new Error(`a ${made.type} reply`)
  return made.body as Record<string, unknown>
}

const textOf = (tokens: unknown): string => Buffer.from(tokens as number[]).toString()

const refusal = async (work: Promise<unknown>): Promise<{ code: string; message: string }> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw new Error(`not refused: ${String(error)}`)
  return { code: error.code, message: error.message }
}

test("an answer gives the tokens of the conversation so far, and the next request goes on with them", async () => {
  await using fake = await createFakeApp()
  const first = await bodyOf(generate(fake, { prompt: "one two" }))
  const begun = "<|im_start|>user\none two<|im_end|>\n<|im_start|>assistant\none two"
  expect(textOf(first.context)).toBe(begun)

  const second = await bodyOf(generate(fake, { prompt: "three", context: first.context, system: "ignored" }))
  const asked = `${begun}<|im_end|>\n<|im_start|>user\nthree<|im_end|>\n<|im_start|>assistant\n`
  const last = fake.engine.prompts.at(-1)?.prompt
  expect(last?.type === "tokens" && textOf(last.tokens)).toBe(asked)
  expect(textOf(second.context)).toBe(`${asked}${String(second.response)}`)
})

test("a turn of blanks only is continued too", async () => {
  await using fake = await createFakeApp()
  await bodyOf(generate(fake, { prompt: "  ", context: [65] }))
  const last = fake.engine.prompts.at(-1)?.prompt
  expect(last?.type === "tokens" && textOf(last.tokens)).toBe(
    "A<|im_end|>\n<|im_start|>user\n  <|im_end|>\n<|im_start|>assistant\n",
  )
})

test("the model is still loaded when its context is computed, and unloaded after", async () => {
  await using fake = await createFakeApp()
  const { context } = await bodyOf(generate(fake, { prompt: "one", keep_alive: 0 }))
  expect(context).toBeDefined()
  expect(fake.engine.loads).toHaveLength(1)
  expect(fake.engine.closed).toEqual(["tiny:latest"])
})

test("an answer without a context is an answer", async () => {
  await using fake = await createFakeApp()
  const app = {
    ...fake.app,
    render: async (): Promise<never> => {
      throw new AppError("bad-template", { message: "broken" })
    },
  }
  const body = { model: "tiny", prompt: "one", stream: false }
  const reply = await bodyOf(callRoute(ollamaRoutes, app, { path: "/api/generate", body }))
  expect(reply).toMatchObject({ response: "one", done: true })
  expect(reply).not.toHaveProperty("context")
})

test("without a prompt the model is loaded, with a keep-alive of 0 unloaded", async () => {
  await using fake = await createFakeApp()
  const loaded = await bodyOf(generate(fake, { options: { num_ctx: 512 } }))
  expect(loaded).toMatchObject({ response: "", done: true, done_reason: "load" })
  expect(loaded).toHaveProperty("load_duration")
  expect(fake.engine.loads.map(({ plan }) => plan.contextLength)).toEqual([512])
  expect(fake.registry.entries.size).toBe(1)
  const unloaded = await bodyOf(generate(fake, { prompt: "", keep_alive: 0 }))
  expect(unloaded).toEqual({
    model: "tiny",
    created_at: "2026-01-01T00:00:00.000000000Z",
    response: "",
    done: true,
    done_reason: "unload",
  })
  expect(fake.registry.entries.size).toBe(0)
  expect(await refusal(generate(fake, { model: "nobody", keep_alive: 0 }))).toMatchObject({
    code: "model-not-found",
  })
})

test("a longer context than the model was trained for is lowered, and the answer says so", async () => {
  await using fake = await createFakeApp()
  const notices = ["num_ctx 8192 is more than the model was trained for; its context has 2048 tokens."]
  const options = { num_ctx: 8192 }
  const answer = await bodyOf(generate(fake, { prompt: "one", options }))
  expect(answer).toMatchObject({ response: "one", fireside: { notices } })
  // Its context too is that of the lowered one.
  expect(answer).toHaveProperty("context")
  expect(await bodyOf(generate(fake, { options }))).toMatchObject({ fireside: { notices } })
  const chat = { model: "tiny", messages: [{ role: "user", content: "one" }], options, stream: false }
  const reply = await bodyOf(callRoute(ollamaRoutes, fake.app, { path: "/api/chat", body: chat }))
  expect(reply).toMatchObject({ fireside: { notices } })
  expect(fake.engine.loads.map(({ plan }) => plan.contextLength)).toEqual([2048])
})

test("raw text is given as it stands, a suffix asks for the middle", async () => {
  await using fake = await createFakeApp()
  await bodyOf(generate(fake, { prompt: "<s>x", raw: true }))
  expect(fake.engine.prompts.at(-1)?.prompt).toEqual({ type: "rendered", text: "<s>x" })
  expect(await refusal(generate(fake, { prompt: "a", suffix: "b" }))).toEqual({
    code: "unsupported",
    message: '"tiny" does not support insert.',
  })
  const coder = fakeStored({
    name: "coder:latest",
    metadata: { "tokenizer.ggml.fim_pre_token_id": { type: "uint32", value: 1, offset: 0 } },
  })
  fake.library.models.set("coder:latest", coder)
  const answer = await bodyOf(generate(fake, { model: "coder:latest", prompt: "a", suffix: "b" }))
  expect(answer).not.toHaveProperty("context")
  expect(fake.engine.prompts.at(-1)?.prompt).toEqual({ type: "infill", prefix: "a", suffix: "b" })
})

test.each([
  [{ template: "{{ .Prompt }}" }, "unsupported", /`template` cannot be given/],
  [{ raw: true, system: "s" }, "bad-request", /raw mode does not support system or context/],
  [{ raw: true, context: [1] }, "bad-request", /raw mode does not support system or context/],
  [{ raw: true, images: ["iVBORw0KGgo="] }, "bad-request", /images/],
  [{ suffix: "x", images: ["iVBORw0KGgo="] }, "bad-request", /images/],
  [{ images: ["%"] }, "bad-request", /`images\[0\]`.*base64/],
  [{ context: [1], think: true }, "unsupported", /`context`.*`think`/],
  [{ think: "much" }, "bad-request", /`think`/],
  [{ format: "xml" }, "bad-request", /`format`/],
  [{ keep_alive: "soon" }, "bad-request", /`keep_alive`.*seconds/],
  [{ options: { stop: 5 } }, "bad-request", /`options.stop`/],
])("%j is refused by name", (change, code, message) => {
  try {
    decodeGenerate({ model: "tiny", prompt: "x", ...change })
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  }
})

test("null is absent, as Go reads it", () => {
  const names = [
    "suffix",
    "system",
    "template",
    "context",
    "raw",
    "images",
    "format",
    "options",
    "think",
    "stream",
  ]
  const nulls = Object.fromEntries([...names, "keep_alive", "unknown"].map((name) => [name, null]))
  const body = { model: "tiny", prompt: "x" }
  expect(decodeGenerate({ ...body, ...nulls })).toEqual(decodeGenerate(body))
})

test("thinking is refused of a model that cannot, in Ollama's words", async () => {
  await using fake = await createFakeApp()
  const refused = await refusal(generate(fake, { prompt: "x", think: "high" }))
  expect(refused).toEqual({ code: "unsupported", message: '"tiny" does not support thinking.' })
})

test("what fails after the answer began is the last line", async () => {
  await using fake = await createFakeApp()
  fake.engine.answer = async function* () {
    yield { type: "start", model: "tiny", id: "1" }
    yield { type: "text-delta", text: "one" }
    yield { type: "error", code: "engine-crashed", message: "It ended.", hint: "Ask again." }
  }
  const streamed = await readFrames(await generate(fake, { prompt: "x", stream: true }))
  expect(
    streamed
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { model: "tiny", created_at: "2026-01-01T00:00:00.000000000Z", response: "one", done: false },
    { error: "It ended. Ask again." },
  ])
  expect(await refusal(generate(fake, { prompt: "x" }))).toMatchObject({ code: "engine-crashed" })
})

test("a stream that waits writes a piece of nothing", async () => {
  await using fake = await createFakeApp()
  const reply = await generate(fake, { prompt: "x", stream: true })
  expect(reply.type === "stream" && reply.heartbeat).toBe(
    '{"model":"tiny","created_at":"2026-01-01T00:00:00.000000000Z","response":"","done":false}\n',
  )
})

test("who stops reading stops the model", async () => {
  await using fake = await createFakeApp()
  let stopped = false
  fake.engine.answer = async function* () {
    try {
      yield { type: "start", model: "tiny", id: "1" }
      for (;;) yield { type: "text-delta", text: "one" }
    } finally {
      stopped = true
    }
  }
  const reply = await generate(fake, { prompt: "x", stream: true })
  if (reply.type !== "stream") throw new Error("no stream")
  for await (const _ of reply.frames) break
  expect(stopped).toBe(true)
})

test("`context_overflow` is the policy's name, as in every dialect; `truncate` is a short one for the oldest turns", () => {
  const policy = (fields: object): string | undefined =>
    decodeGenerate({ model: "tiny", prompt: "x", ...fields }).wish.overflow
  expect(policy({})).toBeUndefined()
  expect(policy({ truncate: true })).toBe("drop-oldest")
  expect(policy({ context_overflow: "summarise", truncate: true })).toBe("summarise")
  expect(() => policy({ context_overflow: "nope" })).toThrowError(/context_overflow/)
})

// OpenAI's own client, unmodified, pointed at us.
import OpenAI from "openai"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ServedApp, serveApp } from "./served-app.ts"

let served: ServedApp
let client: OpenAI
beforeAll(async () => {
  served = await serveApp()
  client = new OpenAI({ baseURL: `${served.url}/v1`, apiKey: "sk-anything", maxRetries: 0 })
})
afterAll(() => served[Symbol.asyncDispose]())

const model = "echo"
const messages = [{ role: "user" as const, content: "Sunflowers turn towards the sun 🌻" }]
const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    description: "The weather of a place",
    parameters: {
      type: "object",
      properties: { place: { type: "string" }, unit: { enum: ["celsius", "fahrenheit"] } },
      required: ["place"],
      additionalProperties: false,
    },
  },
}

describe("chat", () => {
  test("whole and streamed are the same text", async () => {
    const whole = await client.chat.completions.create({ model, messages })
    expect(whole.choices[0]?.message.content).toBe(messages[0]?.content)
    expect(whole.choices[0]?.finish_reason).toBe("stop")
    expect(whole.usage?.total_tokens).toBe(
      (whole.usage?.prompt_tokens ?? 0) + (whole.usage?.completion_tokens ?? 0),
    )
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ""
    let usage: unknown
    const ids = new Set<string>()
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ""
      usage ??= chunk.usage ?? undefined
      ids.add(chunk.id)
    }
    expect(text).toBe(messages[0]?.content)
    expect(usage).toEqual(whole.usage)
    expect(ids.size).toBe(1)
  })

  test("the client's own stream helper assembles the answer", async () => {
    const runner = client.chat.completions.stream({ model, messages })
    expect((await runner.finalMessage()).content).toBe(messages[0]?.content)
  })

  test("n, stop, max_tokens, logprobs", async () => {
    const several = await client.chat.completions.create({ model, messages, n: 3, seed: 7 })
    expect(several.choices.map((choice) => choice.index)).toEqual([0, 1, 2])
    const stopped = await client.chat.completions.create({ model, messages, stop: ["towards"] })
    expect(stopped.choices[0]?.message.content).toBe("Sunflowers turn ")
    const short = await client.chat.completions.create({ model, messages, max_completion_tokens: 1 })
    expect(short.choices[0]?.finish_reason).toBe("length")
    const certain = await client.chat.completions.create({ model, messages, logprobs: true, top_logprobs: 2 })
    const first = certain.choices[0]?.logprobs?.content?.[0]
    expect(first?.logprob).toBe(0)
    expect(first?.top_logprobs).toHaveLength(2)
  })

  test("a required tool is called with arguments of its schema", async () => {
    const whole = await client.chat.completions.create({
      model,
      messages,
      tools: [weather],
      tool_choice: "required",
    })
    const call = whole.choices[0]?.message.tool_calls?.[0]
    if (call?.type !== "function") throw new Error("no function was called")
    expect(call.function.name).toBe("get_weather")
    expect(JSON.parse(call.function.arguments)).toHaveProperty("place")
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls")
    const runner = client.chat.completions.stream({
      model,
      messages,
      tools: [weather],
      tool_choice: { type: "function", function: { name: "get_weather" } },
    })
    const streamed = (await runner.finalMessage()).tool_calls?.[0]
    expect(streamed?.type === "function" ? streamed.function : undefined).toMatchObject({
      name: "get_weather",
      arguments: call.function.arguments,
    })
  })

  test("a schema is enforced, one that cannot be is refused by its keyword", async () => {
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] }
    const answer = await client.chat.completions.create({
      model,
      messages,
      response_format: { type: "json_schema", json_schema: { name: "verdict", strict: true, schema } },
    })
    expect(typeof JSON.parse(answer.choices[0]?.message.content ?? "").ok).toBe("boolean")
    const refused = client.chat.completions.create({
      model,
      messages,
      response_format: {
        type: "json_schema",
        json_schema: { name: "odd", schema: { type: "array", uniqueItems: true, items: { type: "string" } } },
      },
    })
    await expect(refused).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("uniqueItems"),
    })
  })
})

describe("beside chat", () => {
  test("models are listed and found", async () => {
    const listed = []
    for await (const entry of client.models.list()) listed.push(entry.id)
    expect(Array.isArray(listed)).toBe(true)
  })

  test("embeddings: floats, base64, many, tokens", async () => {
    const one = await client.embeddings.create({ model, input: "warm" })
    const many = await client.embeddings.create({ model, input: ["warm", "cold"], encoding_format: "float" })
    expect(many.data.map((it) => it.index)).toEqual([0, 1])
    const [first] = many.data
    const [only] = one.data
    // The client asks for base64 by itself and decodes it.
    expect(only?.embedding.length).toBe(first?.embedding.length)
    expect(only?.embedding[0]).toBeCloseTo(first?.embedding[0] ?? Number.NaN, 6)
  })

  test("completions continue a text", async () => {
    const whole = await client.completions.create({ model, prompt: "once upon a time", max_tokens: 3 })
    expect("once upon a time".startsWith(whole.choices[0]?.text ?? "?")).toBe(true)
    const echoed = await client.completions.create({ model, prompt: "once", echo: true })
    expect(echoed.choices[0]?.text.startsWith("once")).toBe(true)
    let text = ""
    const stream = await client.completions.create({ model, prompt: "once upon a time", stream: true })
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? ""
    expect(text).toBe("once upon a time")
  })
})

describe("responses", () => {
  test("whole, streamed, and going on from the last", async () => {
    const whole = await client.responses.create({ model, input: "hello" })
    expect(whole.output_text).toBe("hello")
    const next = await client.responses.create({ model, input: "and more", previous_response_id: whole.id })
    expect(next.output_text).toBe("and more")
    expect(next.usage?.input_tokens).toBeGreaterThan(whole.usage?.input_tokens ?? Number.POSITIVE_INFINITY)
    expect((await client.responses.retrieve(next.id)).id).toBe(next.id)
    const stream = await client.responses.create({ model, input: "hello", stream: true })
    let text = ""
    let last = ""
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") text += event.delta
      last = event.type
    }
    expect([text, last]).toEqual(["hello", "response.completed"])
    await client.responses.delete(next.id)
    await expect(client.responses.retrieve(next.id)).rejects.toMatchObject({ status: 404 })
  })
})

describe("what cannot be is refused by name", () => {
  test("an unknown model", async () => {
    const unknown = client.chat.completions.create({ model: "nobody-has-this", messages })
    await expect(unknown).rejects.toMatchObject({ status: 404, code: "model_not_found" })
  })

  test("a prompt that is too long, with both numbers, streamed or not", async () => {
    const long = [{ role: "user" as const, content: "word ".repeat(20_000) }]
    for (const stream of [false, true]) {
      const error = await client.chat.completions.create({ model, messages: long, stream }).then(
        () => undefined,
        (reason: { status: number; code: string; error: Record<string, unknown> }) => reason,
      )
      expect(error).toMatchObject({ status: 400, code: "context_length_exceeded" })
      expect(error?.error.n_prompt_tokens).toBeGreaterThan(20_000)
      expect(error?.error.n_ctx).toBeGreaterThan(0)
    }
  })

  test("an image for a model that reads text", async () => {
    const image = { type: "image_url" as const, image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }
    const seen = client.chat.completions.create({
      model,
      messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, image] }],
    })
    await expect(seen).rejects.toMatchObject({ status: 400 })
  })
})

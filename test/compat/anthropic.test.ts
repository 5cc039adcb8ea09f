// Anthropic's own client, unmodified, pointed at us.
import Anthropic from "@anthropic-ai/sdk"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ServedApp, serveApp } from "./served-app.ts"

let served: ServedApp
let client: Anthropic
beforeAll(async () => {
  served = await serveApp()
  client = new Anthropic({ baseURL: served.url, apiKey: "anything", maxRetries: 0 })
})
afterAll(() => served[Symbol.asyncDispose]())

const model = "echo"
const max_tokens = 200
const messages = [{ role: "user" as const, content: "Sunflowers turn 🌻" }]

test("a message whole and streamed", async () => {
  const whole = await client.messages.create({ model, max_tokens, messages, system: "Be brief." })
  expect(whole.content).toMatchObject([{ type: "text", text: "Sunflowers turn 🌻" }])
  expect(whole.stop_reason).toBe("end_turn")
  const types: string[] = []
  const stream = client.messages.stream({ model, max_tokens, messages })
  stream.on("streamEvent", (event) => types.push(event.type))
  const final = await stream.finalMessage()
  expect(final.content).toMatchObject(whole.content.map(({ type }) => ({ type })))
  expect(await stream.finalText()).toBe("Sunflowers turn 🌻")
  expect(types[0]).toBe("message_start")
  expect(types.at(-1)).toBe("message_stop")
})

test("a tool is used, streamed too", async () => {
  const tools = [
    {
      name: "get_weather",
      description: "",
      input_schema: {
        type: "object" as const,
        properties: { place: { type: "string" } },
        required: ["place"],
      },
    },
  ]
  const tool_choice = { type: "any" as const }
  const whole = await client.messages.create({ model, max_tokens, messages, tools, tool_choice })
  expect(whole.stop_reason).toBe("tool_use")
  const use = whole.content.find((block) => block.type === "tool_use")
  expect(use).toMatchObject({ name: "get_weather", input: { place: expect.any(String) } })
  const streamed = await client.messages
    .stream({ model, max_tokens, messages, tools, tool_choice })
    .finalMessage()
  expect(streamed.content.find((block) => block.type === "tool_use")?.input).toEqual(use?.input)
})

test("thinking is a block of its own", async () => {
  const answer = await client.messages.create({
    model,
    max_tokens: 2_000,
    messages,
    thinking: { type: "enabled", budget_tokens: 1_024 },
  })
  expect(answer.content.map((block) => block.type)).toEqual(["thinking", "text"])
})

test("tokens are counted, stop sequences named", async () => {
  const { input_tokens } = await client.messages.countTokens({ model, messages })
  expect(input_tokens).toBeGreaterThan(3)
  const stopped = await client.messages.create({ model, max_tokens, messages, stop_sequences: ["turn"] })
  expect(stopped).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "turn" })
})

test("models are listed in its form", async () => {
  for await (const { id, type, display_name } of client.models.list())
    expect({ id, type, display_name }).toEqual({ id: expect.any(String), type: "model", display_name: id })
  expect(await client.models.list()).toMatchObject({ has_more: false })
})

test("errors are of its kinds", async () => {
  await expect(
    client.messages.create({ model: "nobody-has-this", max_tokens, messages }),
  ).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  const long = [{ role: "user" as const, content: "word ".repeat(20_000) }]
  await expect(client.messages.create({ model, max_tokens, messages: long })).rejects.toBeInstanceOf(
    Anthropic.BadRequestError,
  )
})

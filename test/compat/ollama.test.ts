// Ollama's own client, unmodified, pointed at us.
import { Ollama } from "ollama"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ServedApp, serveApp } from "./served-app.ts"

let served: ServedApp
let client: Ollama
beforeAll(async () => {
  served = await serveApp()
  client = new Ollama({ host: served.url })
})
afterAll(() => served[Symbol.asyncDispose]())

const model = "echo"
const messages = [{ role: "user", content: "Sunflowers turn 🌻" }]

test("chat whole and streamed", async () => {
  const whole = await client.chat({ model, messages })
  expect(whole.message.content).toBe("Sunflowers turn 🌻")
  expect(whole).toMatchObject({ done: true, done_reason: "stop" })
  expect(whole.eval_count).toBeGreaterThan(0)
  let text = ""
  let done = false
  for await (const part of await client.chat({ model, messages, stream: true })) {
    text += part.message.content
    done = part.done
  }
  expect([text, done]).toEqual(["Sunflowers turn 🌻", true])
})

test("generate, with options, and with its context", async () => {
  const whole = await client.generate({
    model,
    prompt: "hello there",
    options: { temperature: 0, num_predict: 50 },
  })
  expect(whole.response).toBe("hello there")
  expect(whole.context.length).toBeGreaterThan(0)
  let text = ""
  for await (const part of await client.generate({ model, prompt: "hello there", stream: true }))
    text += part.response
  expect(text).toBe("hello there")
})

test("a tool is called with an object of arguments, thinking stands apart", async () => {
  const parameters = { type: "object", properties: { place: { type: "string" } }, required: ["place"] }
  const tools = [{ type: "function", function: { name: "get_weather", description: "", parameters } }]
  const answer = await client.chat({ model, messages, tools })
  expect(typeof answer.message.content).toBe("string")
  const thinking = await client.chat({ model, messages, think: true })
  expect(thinking.message.thinking).toBeTruthy()
  expect(thinking.message.content).toBe("Sunflowers turn 🌻")
})

test("a format is enforced", async () => {
  const format = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] }
  const answer = await client.chat({ model, messages, format })
  expect(typeof JSON.parse(answer.message.content).ok).toBe("boolean")
  expect(() => JSON.parse("")).toThrow()
})

test("embeddings, old and new", async () => {
  const { embeddings } = await client.embed({ model, input: ["warm", "cold"] })
  expect(embeddings).toHaveLength(2)
  const { embedding } = await client.embeddings({ model, prompt: "warm" })
  expect(embedding.length).toBe(embeddings[0]?.length)
})

test("load, list, ps, unload, version", async () => {
  expect((await client.version()).version).toMatch(/^[\d.]+$/)
  expect(Array.isArray((await client.list()).models)).toBe(true)
  await client.generate({ model, prompt: "", keep_alive: "5m" })
  expect((await client.ps()).models.map((it) => it.model)).toContain("echo")
  await client.generate({ model, prompt: "", keep_alive: 0 })
  expect((await client.ps()).models).toEqual([])
})

test("an unknown model is a 404 with its name", async () => {
  await expect(client.chat({ model: "nobody-has-this", messages })).rejects.toMatchObject({
    status_code: 404,
    message: expect.stringContaining("nobody-has-this"),
  })
  await expect(client.show({ model: "nobody-has-this" })).rejects.toMatchObject({ status_code: 404 })
  await expect(client.push({ model: "echo" })).rejects.toMatchObject({ status_code: 400 })
})

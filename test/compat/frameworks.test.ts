// Frameworks that speak one of the dialects: Vercel's `ai` and LangChain.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { ChatOllama, OllamaEmbeddings } from "@langchain/ollama"
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai"
import { generateText, streamText } from "ai"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ServedApp, serveApp } from "./served-app.ts"

let served: ServedApp
beforeAll(async () => {
  served = await serveApp()
})
afterAll(() => served[Symbol.asyncDispose]())

test("ai with the OpenAI-compatible provider", async () => {
  const provider = createOpenAICompatible({
    name: "fireside",
    baseURL: `${served.url}/v1`,
    includeUsage: true,
  })
  const model = provider.chatModel("echo")
  const { text, usage, finishReason } = await generateText({ model, prompt: "good evening" })
  expect([text, finishReason]).toEqual(["good evening", "stop"])
  expect(usage.outputTokens).toBeGreaterThan(0)
  let streamed = ""
  for await (const piece of streamText({ model, prompt: "good evening" }).textStream) streamed += piece
  expect(streamed).toBe("good evening")
})

test("LangChain's OpenAI classes", async () => {
  const configuration = { baseURL: `${served.url}/v1` }
  const chat = new ChatOpenAI({ model: "echo", apiKey: "anything", configuration, maxRetries: 0 })
  expect((await chat.invoke("good evening")).content).toBe("good evening")
  let streamed = ""
  for await (const chunk of await chat.stream("good evening")) streamed += chunk.content
  expect(streamed).toBe("good evening")
  const embeddings = new OpenAIEmbeddings({ model: "echo", apiKey: "anything", configuration, maxRetries: 0 })
  expect((await embeddings.embedDocuments(["warm", "cold"])).length).toBe(2)
})

test("LangChain's Ollama classes", async () => {
  const chat = new ChatOllama({ model: "echo", baseUrl: served.url, maxRetries: 0 })
  expect((await chat.invoke("good evening")).content).toBe("good evening")
  const embeddings = new OllamaEmbeddings({ model: "echo", baseUrl: served.url, maxRetries: 0 })
  expect((await embeddings.embedQuery("warm")).length).toBeGreaterThan(0)
})

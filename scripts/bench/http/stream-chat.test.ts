import { once } from "node:events"
import { Agent, createServer, type RequestListener, type ServerResponse } from "node:http"
import { expect, test } from "vitest"
import { HttpRefused } from "./post-json.ts"
import { streamChat } from "./stream-chat.ts"

const BODY = {
  model: "any",
  messages: [{ role: "user", content: "hello" }],
  max_tokens: 4,
  temperature: 0,
} as const
const never = new AbortController().signal
const USAGE =
  '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":5}},"timings":{"prompt_ms":7.5}}'
const content = (text: string) => JSON.stringify({ choices: [{ delta: { content: text } }] })
const events = (...data: string[]) => data.map((it) => `data: ${it}\n\n`).join("")

async function listen(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const agent = new Agent({ keepAlive: true })
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    agent,
    async [Symbol.asyncDispose]() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

function answer(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" }).end(text)
}

test("text, counts and the server's own time, and a time for each delta with text", async () => {
  let asked: unknown
  await using server = await listen((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (piece: string) => {
      body += piece
    })
    request.on("end", () => {
      asked = JSON.parse(body)
      answer(
        response,
        events(
          '{"choices":[{"delta":{"role":"assistant","content":null}}]}',
          content("a"),
          content("é"),
          USAGE,
          "[DONE]",
        ),
      )
    })
  })
  const chat = await streamChat(server, BODY, never)
  expect(asked).toEqual({ ...BODY, stream: true, stream_options: { include_usage: true } })
  expect(chat).toMatchObject({
    text: "aé",
    promptTokens: 9,
    cachedTokens: 5,
    completionTokens: 3,
    prefillMs: 7.5,
  })
  expect(chat.deltaAtMs).toHaveLength(2)
  const times = [chat.startedAtMs, ...chat.deltaAtMs, chat.endedAtMs]
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test("a watcher hears of each delta, and an abort ends the stream", async () => {
  await using server = await listen((_, response) => {
    response.writeHead(200).write(events(content("a"), content("b")))
  })
  const stop = new AbortController()
  const heard: number[] = []
  const onDelta = (atMs: number): void => {
    if (heard.push(atMs) === 2) stop.abort(new Error("enough"))
  }
  await expect(streamChat({ ...server, onDelta }, BODY, stop.signal)).rejects.toThrow()
  expect(heard).toHaveLength(2)
})

test.each([
  ["an error in the stream", events(content("a"), '{"error":{"message":"no room"}}'), "no room"],
  ["no last event", events(content("a"), USAGE), "without its last event"],
  ["no usage", events(content("a"), "[DONE]"), "without usage"],
  ["no text", events(USAGE, "[DONE]"), "has no text"],
])("%s is an error", async (_, text, message) => {
  await using server = await listen((_request, response) => answer(response, text))
  await expect(streamChat(server, BODY, never)).rejects.toThrow(message)
})

test("a status is told with what the server says", async () => {
  await using server = await listen((_, response) => void response.writeHead(400).end("too long"))
  const refused = await streamChat(server, BODY, never).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(HttpRefused)
  expect(refused).toMatchObject({ status: 400, message: "the server answered 400: too long" })
})

test("connections are kept, and one that the server has closed is replaced", async () => {
  const connections = new Set<unknown>()
  let closesAfter = false
  await using server = await listen((request, response) => {
    connections.add(request.socket)
    // As llama-server does: keep-alive is promised, and the connection ended all the same.
    if (closesAfter) response.on("finish", () => request.socket.destroy())
    answer(response, events(content("a"), USAGE, "[DONE]"))
  })
  await streamChat(server, BODY, never)
  await streamChat(server, BODY, never)
  expect(connections.size).toBe(1)
  closesAfter = true
  await streamChat(server, BODY, never)
  await streamChat(server, BODY, never)
  expect(connections.size).toBe(2)
})

import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import { expect, test } from "vitest"
import { streamChat, variantFlags } from "./llama-server.ts"

async function serverWith(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    pid: 0,
    startedAtMs: 0,
    healthy: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
const BODY = { messages: [{ role: "user", content: "hello" }], max_tokens: 4, temperature: 0 }
const never = new AbortController().signal

test("asks again while the model loads; deltas are counted however the stream is cut", async () => {
  let asked = 0
  await using server = await serverWith((_, response) => {
    asked += 1
    if (asked < 3) {
      response.writeHead(503).end("loading")
      return
    }
    response.writeHead(200, { "content-type": "text/event-stream" })
    const whole = [
      '{"choices":[{"delta":{"role":"assistant","content":null}}]}',
      '{"choices":[{"delta":{"content":"é"}}]}',
      '{"choices":[{"delta":{"content":"b"}}]}',
      "[DONE]",
    ]
      .map((data) => `data: ${data}\n\n`)
      .join("")
    const bytes = Buffer.from(whole)
    const cut = bytes.indexOf(0xc3) + 1
    response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)))
  })
  const { text, deltaAtMs } = await streamChat(server, BODY, never)
  expect(asked).toBe(3)
  expect(text).toBe("éb")
  expect(deltaAtMs).toHaveLength(2)
})

test("another failure than loading is an error", async () => {
  await using server = await serverWith((_, response) => void response.writeHead(400).end())
  await expect(streamChat(server, BODY, never)).rejects.toThrow("400")
})

test("stops asking when it is aborted", async () => {
  await using server = await serverWith((_, response) => void response.writeHead(503).end())
  await expect(streamChat(server, BODY, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough")
})

test("D is the defaults, T is tuned", () => {
  expect(variantFlags("D", 2)).toEqual([])
  expect(variantFlags("T", 2).join(" ")).toBe(
    "-np 8 -c 32768 -b 256 -ub 256 --spec-default --cache-reuse 64 -t 2",
  )
})

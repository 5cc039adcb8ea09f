import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { chatWhenLoaded, startServer, variantFlags } from "./llama-server.ts"
import type { PeerBinaries } from "./peer-binaries.ts"

async function serverWith(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    pid: 0,
    startedAtMs: 0,
    ending: () => undefined,
    healthy: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
const BODY = {
  model: "any",
  messages: [{ role: "user", content: "hello" }],
  max_tokens: 4,
  temperature: 0,
} as const
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
      '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}',
      "[DONE]",
    ]
      .map((data) => `data: ${data}\n\n`)
      .join("")
    const bytes = Buffer.from(whole)
    const cut = bytes.indexOf(0xc3) + 1
    response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)))
  })
  const { text, deltaAtMs } = await chatWhenLoaded(server, BODY, never)
  expect(asked).toBe(3)
  expect(text).toBe("éb")
  expect(deltaAtMs).toHaveLength(2)
})

test("another failure than loading is an error", async () => {
  await using server = await serverWith((_, response) => void response.writeHead(400).end())
  await expect(chatWhenLoaded(server, BODY, never)).rejects.toThrow("400")
})

test("stops asking when it is aborted", async () => {
  await using server = await serverWith((_, response) => void response.writeHead(503).end())
  await expect(chatWhenLoaded(server, BODY, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough")
})

test("stops asking when the program has ended, by a signal too", async () => {
  await using server = await serverWith((_, response) => void response.writeHead(503).end())
  const ended = { ...server, ending: () => "SIGSEGV" }
  await expect(chatWhenLoaded(ended, BODY, never)).rejects.toThrow("SIGSEGV")
  const folder = await mkdtemp(join(tmpdir(), "fireside-bench-"))
  const path = join(folder, "llama-server")
  await writeFile(path, "#!/bin/sh\nkill -SEGV $$\n", { mode: 0o755 })
  // Only the server's path is used.
  const peer = { server: path } as PeerBinaries
  const program = await startServer({ peer, modelPath: "none", variant: "D", threads: 1 })
  await expect(program.healthy(never)).rejects.toThrow(/ended with/)
  await program[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test("D is the defaults, T is tuned", () => {
  expect(variantFlags("D", 2)).toEqual([])
  expect(variantFlags("T", 2).join(" ")).toBe(
    "-np 8 -c 32768 -b 256 -ub 256 --spec-default --cache-reuse 64 -t 2",
  )
})

// `fireside serve` with real weights: what programs do with it, what it refuses, and what happens when a process dies.
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { HTTP_LIMITS } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createFireside, type Fireside } from "./fireside.ts"
import { isAlive, readUntil, type Serving, startServing } from "./serve-process.ts"

const CACHE = process.env.FIRESIDE_TEST_CACHE
const MODEL = "smollm2:135m"
const NATIVE = "/api/fireside/v1"
const LONG = [{ role: "user", content: "Write a very long story about a lighthouse keeper." }]
const HELLO = [{ role: "user", content: "Say hello." }]

const TOOL = {
  name: "get_weather",
  description: "The weather of a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string", maxLength: 20 } },
    required: ["city"],
  },
}

/** One streamed request in each dialect, and the event that its clients take for an error. */
const DIALECTS = [
  {
    name: "openai",
    path: "/v1/chat/completions",
    body: { model: MODEL, messages: LONG, max_tokens: 4_000, stream: true },
    begun: '"content":"',
    ended: (code: string) => new RegExp(`\\ndata: \\{"error":\\{"message":.*"code":"${code}"\\}\\}\\n\\n$`),
  },
  {
    name: "ollama",
    path: "/api/chat",
    body: { model: MODEL, messages: LONG, options: { num_predict: 4_000 } },
    begun: '"content":"',
    ended: () => /\n\{"error":"[^"\n]+"\}\n$/,
  },
  {
    name: "anthropic",
    path: "/v1/messages",
    body: { model: MODEL, messages: LONG, max_tokens: 4_000, stream: true },
    begun: '"text_delta"',
    ended: () =>
      /\nevent: error\ndata: \{"type":"error","error":\{"type":"\w+_error",.*"request_id":"req_\w+"\}\n\n$/,
  },
  {
    name: "native",
    path: `${NATIVE}/chat`,
    body: { model: MODEL, messages: LONG, maxTokens: 4_000 },
    begun: "text-delta",
    ended: (code: string) =>
      new RegExp(
        `\\nevent: error\\ndata: \\{"type":"error","code":"${code.replaceAll("_", "-")}",.*\\}\\n\\n$`,
      ),
  },
] as const

/** Begins to answer in every dialect at once. */
const beginAll = (serving: Serving) =>
  Promise.all(DIALECTS.map(async ({ path, body, begun }) => readUntil(await serving.post(path, body), begun)))

const sayHello = (serving: Serving): Promise<Response> =>
  serving.post("/v1/chat/completions", { model: MODEL, messages: HELLO, max_tokens: 4 })

async function kill(serving: Serving, signal: NodeJS.Signals): Promise<number> {
  const pid = await serving.enginePid()
  if (pid === undefined) throw new Error("no engine process")
  process.kill(pid, signal)
  return pid
}

/** Without real weights (FIRESIDE_TEST_CACHE unset) there is nothing to serve; `npm test` says that it ran without. */
describe.skipIf(CACHE === undefined)("serve (needs FIRESIDE_TEST_CACHE)", () => {
  let fireside: Fireside
  beforeAll(async () => {
    fireside = await createFireside()
    const file = join(CACHE ?? "", "smollm2.gguf")
    expect(await fireside.call(["import", file, "--name", MODEL])).toMatchObject({ exitCode: 0 })
    // While there is none, a made-up key is as good as no key.
    expect(await fireside.call(["key", "create", "--name", "editor", "--json"])).toMatchObject({
      exitCode: 0,
    })
  })
  afterAll(async () => {
    await fireside[Symbol.asyncDispose]()
  })

  describe("a server that goes on", () => {
    let serving: Serving
    beforeAll(async () => {
      // As many as there are dialects: whoever asks beside them waits for a turn.
      serving = await startServing(fireside, ["--parallel", String(DIALECTS.length)])
    })
    afterAll(async () => {
      await serving[Symbol.asyncDispose]()
    })

    test("lists, chats, streams, calls a tool, embeds", async () => {
      expect(await (await serving.get("/v1/models")).json()).toMatchObject({ data: [{ id: MODEL }] })
      expect(await (await serving.get("/api/tags")).json()).toMatchObject({ models: [{ name: MODEL }] })
      const ask = { model: MODEL, messages: HELLO, temperature: 0, max_tokens: 12 }
      const whole = (await (await serving.post("/v1/chat/completions", ask)).json()) as {
        choices: [{ message: { content: string } }]
      }
      const { content } = whole.choices[0].message
      expect(content).toMatch(/[Hh]ello/)
      const streamed = await readUntil(
        await serving.post("/v1/chat/completions", { ...ask, stream: true }),
        "x",
      )
      const chunks = (await streamed.rest()).split("\n\n").filter((it) => it.startsWith("data: {"))
      const texts = chunks.map((chunk) => {
        const { choices } = JSON.parse(chunk.slice(6)) as { choices: [{ delta: { content?: string } }?] }
        return choices[0]?.delta.content ?? ""
      })
      expect(texts.join("")).toBe(content)
      const called = await serving.post("/v1/chat/completions", {
        model: MODEL,
        messages: [{ role: "user", content: "How is the weather in Rome?" }],
        tools: [{ type: "function", function: TOOL }],
        tool_choice: "required",
      })
      expect(await called.json()).toMatchObject({
        choices: [
          {
            finish_reason: "tool_calls",
            message: { tool_calls: [{ function: { name: "get_weather", arguments: expect.any(String) } }] },
          },
        ],
      })
      const embedded = await serving.post("/v1/embeddings", { model: MODEL, input: ["a lighthouse"] })
      expect(await embedded.json()).toMatchObject({ data: [{ embedding: expect.any(Array) }] })
      // The copy for embeddings goes, so that `enginePid` is the one of chats.
      await serving.post(`${NATIVE}/unload`, {})
    })

    test("refuses a wrong key, a foreign name, a foreign page and a body that is too large", async () => {
      const wrong = await serving.get("/v1/models", { authorization: "Bearer fs-wrong" })
      expect(wrong.status).toBe(401)
      const body = { model: MODEL, messages: HELLO }
      const page = await serving.post("/v1/chat/completions", body, { origin: "http://evil.test" })
      expect(page.status).toBe(403)
      const large = { ...body, user: "x".repeat(HTTP_LIMITS.bodyBytes) }
      expect((await serving.post("/v1/chat/completions", large)).status).toBe(413)
      // `fetch` does not let a Host be chosen.
      const { get } = await import("node:http")
      const status = await new Promise((resolve, reject) => {
        const request = get(`${serving.url}/v1/models`, { headers: { host: "evil.test" } }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
        request.on("error", reject)
      })
      expect(status).toBe(403)
    })

    test("a client that leaves stops the work: the engine computes no more for it, and its slot is free", async () => {
      const gone = new AbortController()
      const answer = await fetch(`${serving.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(DIALECTS[0].body),
        signal: gone.signal,
      })
      await readUntil(answer, DIALECTS[0].begun)
      gone.abort()
      let running = ""
      // A bound on looks, not on time.
      for (let looks = 0; looks < 200 && !running.includes("fireside_answers_running 0"); looks += 1)
        running = await (await serving.get("/metrics")).text()
      expect(running).toContain("fireside_answers_running 0")
      expect(await (await serving.get(`${NATIVE}/running`)).json()).toMatchObject([{ streams: 0 }])
    })

    test("the engine killed: every stream ends with its dialect's error, and the next request is answered", async () => {
      const streams = await beginAll(serving)
      const pid = await kill(serving, "SIGKILL")
      for (const [at, stream] of streams.entries())
        expect(await stream.rest(), DIALECTS[at]?.name).toMatch(DIALECTS[at]?.ended("engine_crashed") ?? /^$/)
      expect((await sayHello(serving)).status).toBe(200)
      expect(await serving.enginePid()).not.toBe(pid)
    })

    test("the engine stopped: the watch ends it, the streams say so, and the next request is answered", async () => {
      const streams = await beginAll(serving)
      const pid = await kill(serving, "SIGSTOP")
      const whole = sayHello(serving)
      for (const [at, stream] of streams.entries())
        expect(await stream.rest(), DIALECTS[at]?.name).toMatch(DIALECTS[at]?.ended("engine_hung") ?? /^$/)
      // It waited for a turn behind the four, and came to a new process.
      expect((await whole).status).toBe(200)
      expect(isAlive(pid)).toBe(false)
    })

    test("three crashes: the model is in quarantine, 503 with Retry-After in every dialect", async () => {
      const [stream] = await beginAll(serving)
      await kill(serving, "SIGKILL")
      await stream?.rest()
      for (const { name, path, body } of DIALECTS) {
        const answer = await serving.post(path, body)
        expect(answer.status, name).toBe(503)
        expect(Number(answer.headers.get("retry-after")), name).toBeGreaterThan(0)
        expect(await answer.text(), name).toContain("crashed 3 times")
      }
      expect((await serving.get("/health")).status).toBe(200)
    })
  })

  describe("the end of a server", () => {
    test("SIGTERM: an answer comes to its end, another is ended by name; exit 0 and nothing is left", {
      timeout: 60_000,
    }, async () => {
      await using serving = await startServing(fireside)
      const [path, , ...others] = ["/v1/chat/completions", ...DIALECTS]
      const short = await readUntil(
        await serving.post(path, { model: MODEL, messages: HELLO, max_tokens: 30, stream: true }),
        DIALECTS[0].begun,
      )
      const long = await Promise.all(
        others.map(async (it) => readUntil(await serving.post(it.path, it.body), it.begun)),
      )
      const pid = await serving.enginePid()
      serving.child.kill("SIGTERM")
      expect(await short.rest()).toMatch(/"finish_reason":"(?:stop|length)"[\s\S]*\ndata: \[DONE\]\n\n$/)
      for (const [at, stream] of long.entries())
        expect(await stream.rest(), others[at]?.name).toMatch(others[at]?.ended("shutting_down") ?? /^$/)
      expect(await serving.ended).toBe(0)
      expect(isAlive(pid ?? 0)).toBe(false)
      await expect(readFile(join(fireside.home, "run", "server.json"))).rejects.toThrow("ENOENT")
    })

    test("SIGTERM with nothing to do and a client that keeps its connection", async () => {
      await using serving = await startServing(fireside)
      // `fetch` keeps it for the next request.
      expect((await serving.get("/health")).status).toBe(200)
      serving.child.kill("SIGTERM")
      expect(await serving.ended).toBe(0)
    })

    test("kill -9: its engine goes too, and the next server starts", async () => {
      const killed = await startServing(fireside)
      const stream = await readUntil(await killed.post(DIALECTS[0].path, DIALECTS[0].body), DIALECTS[0].begun)
      const pid = (await killed.enginePid()) ?? 0
      expect(isAlive(pid)).toBe(true)
      killed.child.kill("SIGKILL")
      await killed.ended
      await expect(stream.rest()).rejects.toThrow()
      await using next = await startServing(fireside)
      // Starting takes less than the five seconds that a process without its parent may have.
      expect(isAlive(pid)).toBe(false)
      expect((await sayHello(next)).status).toBe(200)
    })
  })
})

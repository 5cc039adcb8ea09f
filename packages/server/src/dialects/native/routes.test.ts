import { type App, LOCAL_OWNER, type RunOptions } from "@fireside/app"
import { createFakeApp, type FakeApp, fakeBenchReport, fakeJob } from "@fireside/app/testing"
import { type Log, SILENT_LOG } from "@fireside/host"
import { AppError, type ChatEvent, type KeySummary, type Scope } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Caller, OWNER } from "../../caller.ts"
import { callRoute, type RouteCall, readFrames } from "../../testing.ts"
import { encodeError } from "./errors.ts"
import { nativeRoutes } from "./routes.ts"

const BASE = "/api/fireside/v1"
let fake: FakeApp
beforeEach(async () => {
  fake = await createFakeApp()
})
afterEach(async () => {
  await fake[Symbol.asyncDispose]()
})

const call = (path: string, rest: Omit<RouteCall, "path"> = {}, app: App = fake.app) =>
  callRoute(nativeRoutes, app, { ...rest, path: `${BASE}/${path}` })
const withParts = (change: Partial<App>): App => Object.assign(Object.create(fake.app) as App, change)
const keyOf = (...scopes: Scope[]): Caller => ({
  owner: "key-1",
  scopes,
  key: { id: "key-1", name: "guest", models: null, scopes } as unknown as KeySummary,
})
const finish: ChatEvent = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
  timings: { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 2 },
}
const chatBody = { model: "tiny", messages: [{ role: "user", content: "hi" }] }
const frame = (event: { type: string }): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

describe("a chat as events", () => {
  test("wait events come first, then the answer", async () => {
    const app = withParts({
      async *chat(_request, { onWait }: RunOptions) {
        onWait?.({ type: "queue-progress", position: 1, waiting: 1 })
        await Promise.resolve()
        onWait?.({ type: "load-progress", model: "tiny", fraction: 1 })
        yield { type: "start", model: "tiny", id: "1" }
        yield { type: "text-delta", text: "hello" }
        yield finish
      },
    })
    const text = await readFrames(await call("chat", { body: chatBody }, app))
    expect(text).toBe(
      [
        { type: "queue-progress", position: 1, waiting: 1 },
        { type: "load-progress", model: "tiny", fraction: 1 },
        { type: "start", model: "tiny", id: "1" },
        { type: "text-delta", text: "hello" },
        finish,
      ]
        .map(frame)
        .join(""),
    )
  })

  test("while the request waits, its place in the queue can be read", async () => {
    const turn = Promise.withResolvers<void>()
    const app = withParts({
      async *chat(_request, { onWait }: RunOptions) {
        onWait?.({ type: "queue-progress", position: 1, waiting: 1 })
        await turn.promise
        yield { type: "start", model: "tiny", id: "1" }
        yield finish
      },
    })
    const reply = await call("chat", { body: chatBody }, app)
    if (reply.type !== "stream") throw new Error("no stream")
    const frames = reply.frames[Symbol.asyncIterator]()
    expect((await frames.next()).value).toContain("event: queue-progress\n")
    turn.resolve()
    expect((await frames.next()).value).toContain("event: start\n")
  })

  test("what fails before anything was sent is thrown, an error event too", async () => {
    const failing = withParts({
      // biome-ignore lint/correctness/useYield: it fails first
      async *chat() {
        throw new AppError("model-not-found", { message: "There is no model tiny." })
      },
    })
    await expect(call("chat", { body: chatBody }, failing)).rejects.toMatchObject({ code: "model-not-found" })
    const overflowing = withParts({
      async *chat() {
        yield { type: "start", model: "tiny", id: "1" }
        yield { type: "error", code: "context-overflow", message: "Too long." }
      },
    })
    await expect(call("chat", { body: chatBody }, overflowing)).rejects.toMatchObject({
      code: "context-overflow",
    })
  })

  test("what fails after something was sent is the last event; of our mistakes only that there was one", async () => {
    const app = (error: Error) =>
      withParts({
        async *chat(_request, { onWait }: RunOptions) {
          onWait?.({ type: "queue-progress", position: 1, waiting: 1 })
          yield* []
          throw error
        },
      })
    const named = await readFrames(
      await call("chat", { body: chatBody }, app(new AppError("memory-refused", { message: "No room." }))),
    )
    expect(named).toMatch(/event: error\ndata: .*"code":"memory-refused".*\n\n$/)
    const error = new Error("secret detail")
    const logged: unknown[] = []
    const log: Log = { ...SILENT_LOG, error: (_, fields) => void logged.push(fields) }
    const ours = await readFrames(await call("chat", { body: chatBody, log }, app(error)))
    expect(ours).toContain('"code":"internal"')
    expect(ours).not.toContain("secret detail")
    expect(logged).toEqual([{ error }])
  })

  test("a reader who leaves ends the work", async () => {
    let signal: AbortSignal | undefined
    let ended = false
    const app = withParts({
      async *chat(_request, _options, given) {
        signal = given
        try {
          yield { type: "start", model: "tiny", id: "1" }
          for (;;) yield { type: "text-delta", text: "more" }
        } finally {
          ended = true
        }
      },
    })
    const reply = await call("chat", { body: chatBody }, app)
    if (reply.type !== "stream") throw new Error("no stream")
    for await (const text of reply.frames) if (text.includes("more")) break
    expect([signal?.aborted, ended]).toEqual([true, true])
  })

  test("unknown fields are named, wrong ones refused", async () => {
    const reply = await call("chat", { body: { ...chatBody, tempo: 1 } })
    expect(reply.headers).toEqual({ "fireside-ignored-fields": "tempo" })
    await expect(call("chat", { body: { ...chatBody, keepAliveMs: "5m" } })).rejects.toMatchObject({
      code: "bad-request",
      details: { field: "keepAliveMs" },
    })
  })

  test("how the model is loaded is said by those who may load it", async () => {
    const body = { ...chatBody, wish: { force: true } }
    await expect(call("chat", { body, caller: keyOf("chat") })).rejects.toMatchObject({ code: "forbidden" })
    // Read to its end: nothing is written any more when the app is closed.
    expect(await readFrames(await call("chat", { body, caller: keyOf("chat", "models") }))).toContain(
      "event: finish\n",
    )
  })
})

describe("bench", () => {
  const progress = { type: "progress", message: "round 1 of 1", doneSteps: 0, totalSteps: 1 } as const
  const report = fakeBenchReport()
  const asked: unknown[] = []
  const app = (failure?: Error) =>
    withParts({
      bench: {
        async *run(request) {
          asked.push(request)
          yield progress
          if (failure !== undefined) throw failure
          yield { type: "finish", report }
        },
        history: async (model) => (model === "tiny" ? [report] : []),
      },
    })

  test("a run is a stream of progress and the report; an unknown field is named", async () => {
    const reply = await call("bench", { body: { model: "tiny", quick: true, tempo: 1 } }, app())
    expect(reply.headers).toEqual({ "fireside-ignored-fields": "tempo" })
    expect(await readFrames(reply)).toBe(frame(progress) + frame({ type: "finish", report } as never))
    expect(asked).toEqual([{ model: "tiny", quick: true }])
  })

  test("what goes wrong in the middle is its last event", async () => {
    const inUse = new AppError("model-in-use", { message: "tiny is answering." })
    const frames = await readFrames(await call("bench", { body: { model: "tiny" } }, app(inUse)))
    expect(frames).toMatch(/event: error\ndata: .*"code":"model-in-use".*\n\n$/)
  })

  test("rounds without end are refused", async () => {
    await expect(call("bench", { body: { model: "tiny", rounds: 51 } }, app())).rejects.toMatchObject({
      code: "bad-request",
    })
    expect((await call("bench", { body: { model: "tiny", rounds: 50 } }, app())).type).toBe("stream")
  })

  test("what was measured, of one model or of all", async () => {
    const history = (path: string) => call(path, {}, app())
    expect(await history("bench?model=tiny")).toMatchObject({ type: "json", body: [report] })
    expect(await history("bench")).toMatchObject({ type: "json", body: [] })
  })
})

describe("answers in one piece", () => {
  test.each<[string, object, unknown]>([
    ["tokenize", { model: "tiny", text: "ab" }, { tokens: [97, 98] }],
    ["detokenize", { model: "tiny", tokens: [97, 98] }, { text: "ab" }],
    ["inserted-system", { model: "tiny" }, { system: null }],
    ["embed", { model: "tiny", texts: ["abc"] }, expect.objectContaining({ vectors: [[3, 0, 0, 0]] })],
    [
      "render",
      chatBody,
      {
        ...{ text: "hi", tokens: [104, 105], fromTemplate: [false, false] },
        ...{ kinds: ["user", "user"], ends: [1, 2], contextLength: 2048 },
      },
    ],
    [
      "load",
      { model: "tiny" },
      expect.objectContaining({ facts: expect.objectContaining({ name: "tiny:latest" }) }),
    ],
    ["stop", { model: "tiny" }, { stopped: 0 }],
  ])("%s", async (path, body, expected) => {
    expect(await call(path, { body })).toMatchObject({ type: "json", body: expected })
  })

  test("unload empties the memory", async () => {
    await call("load", { body: { model: "tiny" } })
    expect(await call("running")).toMatchObject({ body: [{ name: "tiny:latest" }] })
    expect(await call("unload", { body: {} })).toMatchObject({ body: { stopped: 1 } })
    expect(fake.engine.closed).toEqual(["tiny:latest"])
  })

  test("models, one by its name with a colon", async () => {
    expect(await call("models")).toMatchObject({ body: [{ name: "tiny:latest" }] })
    expect(await call("models/tiny%3Alatest")).toMatchObject({ body: { name: "tiny:latest" } })
  })
})

describe("the owner's matters", () => {
  test("a key closes the lock and cannot open it; the owner can", async () => {
    const put = (lock: string, caller?: Caller) =>
      call("lock", { method: "PUT", body: { lock }, ...(caller === undefined ? {} : { caller }) })
    expect(await put("locked", keyOf("admin"))).toMatchObject({ body: { lock: "locked", allowedHosts: [] } })
    for (const lock of ["ask", "allow-list"])
      await expect(put(lock, keyOf("admin"))).rejects.toMatchObject({ code: "forbidden" })
    expect(await call("lock")).toMatchObject({ body: { lock: "locked" } })
    expect(await put("ask")).toMatchObject({ body: { lock: "ask" } })
  })

  test("nobody makes a model of the machine's files over HTTP", async () => {
    const started: unknown[] = []
    const app = withParts({
      jobs: {
        ...fake.app.jobs,
        start: async (request) => {
          started.push(request)
          return fakeJob()
        },
      },
    })
    const paths = [
      "/etc/passwd",
      "./a.gguf",
      "~/a.gguf",
      "C:\\a.gguf",
      "a.gguf",
      "..\\a",
      "\\\\host\\a",
      " /a",
    ]
    for (const from of paths) {
      const body = { type: "create", create: { name: "x", from } }
      for (const caller of [keyOf("models"), OWNER])
        await expect(call("jobs", { body, caller }, app), from).rejects.toMatchObject({ code: "bad-request" })
    }
    for (const reference of ["hf:a/b/c.gguf", "tiny", "https://a.example/x.gguf"])
      await call("jobs", { body: { type: "pull", pull: { reference } }, caller: keyOf("models") }, app)
    expect(started).toHaveLength(3)
  })

  test("a key names models, not files", async () => {
    const model = "/etc/x.gguf"
    const caller = keyOf("chat", "embed", "models")
    const owned = withParts({
      conversations: { ...fake.app.conversations, get: async () => ({ model }) as never },
    })
    for (const [path, body] of [
      ["chat", { ...chatBody, model }],
      ["complete", { model, prompt: { type: "plain", text: "" } }],
      ["embed", { model, texts: [""] }],
      ["rerank", { model, query: "", documents: [""] }],
      ["tokenize", { model, text: "" }],
      ["detokenize", { model, tokens: [] }],
      ["render", { ...chatBody, model }],
      ["inserted-system", { model }],
      ["load", { model }],
      ["stop", { model }],
      ["conversations/c/chat", { content: "hi" }],
    ] as const)
      await expect(call(path, { body, caller }, owned), path).rejects.toMatchObject({ code: "bad-request" })
    const one = `models/${encodeURIComponent(model)}`
    await expect(call(one, { caller })).rejects.toMatchObject({ code: "bad-request" })
  })

  test("a key with a list of models makes, gets and stops no others", async () => {
    const caller = keyOf("models")
    const listed: Caller = { ...caller, key: { ...(caller.key as KeySummary), models: ["tiny", "mine"] } }
    const app = withParts({ jobs: { ...fake.app.jobs, start: async () => fakeJob() } })
    const post = (path: string, body: object) => call(path, { body, caller: listed }, app)
    const create = (name: string, from: string) => ({ type: "create", create: { name, from } })
    for (const [path, body] of [
      ["jobs", create("tiny", "secret")],
      ["jobs", create("secret", "tiny")],
      ["jobs", { type: "pull", pull: { reference: "secret" } }],
      ["stop", { model: "secret" }],
    ] as const)
      await expect(post(path, body), JSON.stringify(body)).rejects.toMatchObject({ code: "forbidden" })
    expect(await post("jobs", create("mine", "tiny"))).toMatchObject({ status: 202 })
    expect(await post("stop", { model: "tiny" })).toMatchObject({ body: { stopped: 0 } })
  })

  test("who is asking", async () => {
    expect(await call("caller")).toMatchObject({ body: { owner: LOCAL_OWNER } })
    expect(await call("caller", { caller: keyOf("chat") })).toMatchObject({
      body: { owner: "key-1", scopes: ["chat"] },
    })
  })

  test("everything of the owner's needs `admin`", () => {
    const open = nativeRoutes.filter((route) =>
      /\/(lock|ledger|keys|settings|doctor|machine|privacy|allowed-hosts|storage|activity)\b/.test(
        route.path,
      ),
    )
    expect(open.length).toBeGreaterThan(8)
    for (const route of open) expect(route.access, route.path).toBe("admin")
  })
})

test("conversations are their owner's, whatever its model", async () => {
  const asked: unknown[] = []
  const app = withParts({
    conversations: {
      ...fake.app.conversations,
      list: async (page, owner) => {
        asked.push([page, owner])
        return []
      },
      get: async () => ({ model: "own" }) as never,
      async *chat(id, turn, options) {
        asked.push([id, turn, options.owner])
        yield { type: "start", model: "own", id: "1" }
        yield finish
      },
    },
  })
  const caller = keyOf("chat")
  await call("conversations?limit=7", { caller }, app)
  await expect(call("conversations?limit=0", { caller }, app)).rejects.toMatchObject({ code: "bad-request" })
  const reply = await call("conversations/c1/chat", { body: { content: "hi" }, caller }, app)
  expect(await readFrames(reply)).toContain("event: finish")
  expect(asked).toEqual([
    [{ limit: 7 }, "key-1"],
    ["c1", { content: "hi" }, "key-1"],
  ])
})

test("an error says when to come again", () => {
  const busy = { code: "overloaded", message: "Full.", details: { retryAfterSeconds: 1.5 } } as const
  expect(encodeError(busy, "req-1")).toEqual({
    status: 503,
    body: { error: busy, requestId: "req-1" },
    headers: { "retry-after": "2" },
  })
})

test("every route is there once", () => {
  const names = nativeRoutes.map((route) => `${route.method} ${route.path}`)
  expect(new Set(names).size).toBe(names.length)
})

import { writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { createFakeApp, type FakeApp, fakeBenchReport } from "@fireside/app/testing"
import { layoutOf, prepareHome, SILENT_LOG } from "@fireside/host"
import { AppError, type ChatEvent } from "@fireside/protocol"
import { type ServeOptions, startServer } from "@fireside/server"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { openHere } from "./open-here.ts"
import { withServer } from "./remote-app.ts"
import { connectToServer } from "./server-connection.ts"
import { createServerFetch } from "./server-fetch.ts"
import { VERSION } from "./version.ts"

let served: FakeApp
let local: FakeApp
beforeEach(async () => {
  served = await createFakeApp()
  local = await createFakeApp()
  await prepareHome(layoutOf(served.home))
})
afterEach(async () => {
  await local[Symbol.asyncDispose]()
  await served[Symbol.asyncDispose]()
})

const paths = () => layoutOf(served.home)
const serve = (change: Partial<ServeOptions> = {}) =>
  startServer({
    app: served.app,
    log: SILENT_LOG,
    paths: paths(),
    host: "127.0.0.1",
    port: 0,
    tls: { type: "none" },
    allowedHosts: [],
    allowedOrigins: [],
    requireKey: true,
    version: VERSION,
    ...change,
  })
const connect = () => connectToServer({ paths: paths(), log: SILENT_LOG })
const never = new AbortController().signal

async function connected() {
  const connection = await connect()
  if (connection === undefined) throw new Error("there is no connection")
  return connection
}
async function read<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

describe("is there a server?", () => {
  test("none", async () => {
    expect(await connect()).toBeUndefined()
  })

  test("one that demands a key is met as its owner", async () => {
    await using server = await serve()
    const { client, url } = await connected()
    expect(url).toBe(server.url)
    expect(await client.caller()).toMatchObject({ owner: "local" })
  })

  test("one of another version is left alone", async () => {
    await using _server = await serve({ version: "0.0.0" })
    expect(await connect()).toBeUndefined()
  })

  test("a file whose server is somebody else's", async () => {
    const other = createServer((_request, response) => response.writeHead(401).end("{}"))
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const { port } = other.address() as AddressInfo
    const file = {
      url: `http://127.0.0.1:${port}`,
      pid: process.pid,
      startedAt: "",
      token: "t",
      version: VERSION,
    }
    await writeFile(join(paths().run, "server.json"), JSON.stringify(file))
    expect(await connect()).toBeUndefined()
    await new Promise((resolve) => other.close(resolve))
  })

  test("the token goes nowhere else", async () => {
    const fetch = createServerFetch({ url: "http://127.0.0.1:1" })
    const request = { method: "GET", headers: {}, signal: never }
    for (const url of ["http://127.0.0.1:2/", "http://127.0.0.1.example:1/", "https://127.0.0.1:1/"])
      await expect(fetch(url, request)).rejects.toThrow("is not at")
  })

  test("a server with its own certificate is trusted by that certificate", async () => {
    await using server = await serve({ tls: { type: "self-signed" } })
    expect(server.url).toMatch(/^https:/)
    expect((await connected()).url).toBe(server.url)
  })
})

describe("the app of a command", () => {
  const ask = async (flags: { engine?: "echo" }, model: string): Promise<string> => {
    const { app } = await openHere({ home: served.home, ...flags })
    await using _app = app
    const request = { model, messages: [{ role: "user" as const, content: "hello" }] }
    const events = await read(app.chat(request, {}, never))
    return events.flatMap((event) => (event.type === "text-delta" ? [event.text] : [])).join("")
  }

  test("has its models in the server, unless an engine is named", async () => {
    await using _server = await serve()
    expect(await ask({}, "tiny")).toBe("hello")
    expect(served.engine.prompts).toHaveLength(1)
    expect(await ask({ engine: "echo" }, "echo")).toBe("hello")
    expect(served.engine.prompts).toHaveLength(1)
  })

  test("is all in this process without a server", async () => {
    await expect(ask({}, "tiny")).rejects.toMatchObject({ code: "model-not-found" })
    expect(served.engine.prompts).toHaveLength(0)
  })
})

describe("an app with its models in the server", () => {
  const remote = async () => withServer(local.app, (await connected()).client, { folder: "/here" })

  test("chats there, and nothing is loaded here", async () => {
    await using _server = await serve()
    const app = await remote()
    await app.prepare()
    const request = { model: "tiny", messages: [{ role: "user" as const, content: "hello there" }] }
    const options = { keepAliveMs: Number.POSITIVE_INFINITY, id: "mine", wish: { force: true } }
    const events = await read(app.chat(request, options, never))
    expect(events.map((event) => event.type)).toEqual(["start", "text-delta", "text-delta", "finish"])
    expect(events[0]).toMatchObject({ id: "mine", model: "tiny:latest" })
    expect([served.engine.loads.length, local.engine.loads.length]).toEqual([1, 0])
    expect(await app.models.running()).toMatchObject([{ name: "tiny:latest" }])
    expect(await app.models.stop("tiny", never)).toBe(1)
    expect(served.engine.closed).toEqual(["tiny:latest"])
  })

  test("everything that computes", async () => {
    await using _server = await serve()
    const app = await remote()
    const loads: string[] = []
    const onLoad = (name: string): void => void loads.push(name)
    expect(await app.load({ model: "tiny" }, { onLoad }, never)).toMatchObject({
      facts: { name: "tiny:latest" },
    })
    await app.load({ model: "tiny" }, { onLoad }, never)
    expect(loads).toEqual(["tiny"])
    expect(await app.tokenize({ model: "tiny", text: "ab" }, never)).toEqual([97, 98])
    expect(await app.detokenize({ model: "tiny", tokens: [97, 98] }, never)).toBe("ab")
    const embedded = await app.embed({ model: "tiny", texts: ["abc", [97]] }, {}, never)
    expect(embedded.vectors).toEqual([Float32Array.of(3, 0, 0, 0), Float32Array.of(1, 0, 0, 0)])
    const messages = [{ role: "user" as const, content: "hi" }]
    expect(await app.render({ model: "tiny", messages }, never)).toMatchObject({ text: "hi" })
    expect(await app.insertedSystem("tiny", never)).toBeUndefined()
    const completion = { model: "tiny", prompt: { type: "tokens" as const, tokens: [1, 2] }, stop: ["x"] }
    const text = (await read(app.complete(completion, {}, never))).flatMap((it) =>
      it.type === "text-delta" ? it.text : "",
    )
    expect(text.join("")).toBe("1 2")
    expect(served.engine.prompts.at(-1)?.options.stop).toEqual(["x"])
  })

  test("measures there, and knows what was measured from the data folder", async () => {
    await using _server = await serve({
      app: Object.assign(Object.create(served.app) as FakeApp["app"], {
        bench: {
          async *run({ model }: { readonly model: string }) {
            yield { type: "progress", message: "round 1 of 1", doneSteps: 0, totalSteps: 1 }
            if (model !== "tiny") throw new AppError("model-in-use", { message: `${model} is answering.` })
            yield { type: "finish", report: fakeBenchReport() }
          },
          history: async () => [fakeBenchReport()],
        },
      }),
    })
    const { client } = await connected()
    const history = [fakeBenchReport({ id: "here" })]
    const mine = Object.assign(Object.create(local.app) as FakeApp["app"], {
      bench: { ...local.app.bench, history: async () => history },
    })
    const app = withServer(mine, client, { folder: "/here" })
    const events: unknown[] = []
    for await (const event of app.bench.run({ model: "tiny", quick: true }, never)) events.push(event)
    expect(events).toEqual([
      { type: "progress", message: "round 1 of 1", doneSteps: 0, totalSteps: 1 },
      { type: "finish", report: fakeBenchReport() },
    ])
    await expect(
      (async () => {
        for await (const _ of app.bench.run({ model: "./x.gguf" }, never));
      })(),
    ).rejects.toMatchObject({ code: "model-in-use", message: "/here/x.gguf is answering." })
    expect(await app.bench.history()).toBe(history)
    expect(await client.bench.history("tiny")).toEqual([fakeBenchReport()])
  })

  test("an error is the same error", async () => {
    await using _server = await serve()
    const app = await remote()
    served.engine.failLoad = new AppError("memory-refused", {
      message: "No room.",
      hint: "Stop one.",
      details: { needBytes: 7 },
    })
    await expect(app.load({ model: "tiny" }, {}, never)).rejects.toMatchObject({
      code: "memory-refused",
      hint: "Stop one.",
      details: { needBytes: 7 },
    })
    const messages = [{ role: "user" as const, content: "hi" }]
    await expect(read(app.chat({ model: "nobody", messages }, {}, never))).rejects.toMatchObject({
      code: "model-not-found",
    })
  })

  test("stopping an answer stops it there", async () => {
    await using _server = await serve()
    const app = await remote()
    const ended = Promise.withResolvers<void>()
    served.engine.answer = async function* (_prompt, signal): AsyncIterable<ChatEvent> {
      yield { type: "start", model: "tiny", id: "1" }
      yield { type: "text-delta", text: "a" }
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      ended.resolve()
      yield { type: "error", code: "interrupted", message: "Stopped." }
    }
    const stop = new AbortController()
    const reason = new AppError("interrupted", { message: "Interrupted." })
    const messages = [{ role: "user" as const, content: "hi" }]
    await expect(
      (async () => {
        for await (const event of app.chat({ model: "tiny", messages }, {}, stop.signal))
          if (event.type === "text-delta") stop.abort(reason)
      })(),
    ).rejects.toBe(reason)
    await ended.promise
  })

  test("paths of models are meant from where the user stands", async () => {
    const asked: string[] = []
    const client = {
      insertedSystem: async (model: string) => void asked.push(model),
    } as unknown as Parameters<typeof withServer>[1]
    const app = withServer(local.app, client, { folder: "/here" })
    for (const model of [
      "tiny",
      "./a.gguf",
      "b.gguf",
      "../c",
      "/d.gguf",
      "~/e.gguf",
      "hf:o/r/f.gguf",
      "hf.co/o/r/f.gguf",
      "./a.gguf+b.gguf",
      "https://x.example/y.gguf",
    ])
      await app.insertedSystem(model, never)
    expect(asked).toEqual([
      "tiny",
      "/here/a.gguf",
      "/here/b.gguf",
      "/c",
      "/d.gguf",
      "~/e.gguf",
      "hf:o/r/f.gguf",
      "hf.co/o/r/f.gguf",
      "/here/a.gguf+/here/b.gguf",
      "https://x.example/y.gguf",
    ])
  })
})

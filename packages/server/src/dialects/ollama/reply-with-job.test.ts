import type { App, CreateRequest, Jobs } from "@fireside/app"
import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import { AppError, type Job, type JobEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { callRoute, readFrames } from "../../testing.ts"
import { ollamaRoutes } from "./routes.ts"

type JobRequest = Parameters<Jobs["start"]>[0]

interface ScriptedJobs {
  readonly app: App
  readonly started: JobRequest[]
  readonly cancelled: string[]
}

/** An app whose jobs yield `events`; `hang` leaves them without an end. */
function scriptJobs(fake: FakeApp, events: readonly JobEvent[], { hang = false } = {}): ScriptedJobs {
  const started: JobRequest[] = []
  const cancelled: string[] = []
  const jobs: Jobs = {
    ...fake.app.jobs,
    async start(request) {
      started.push(request)
      if (request.type === "pull") {
        const files = [{ name: "weights.gguf", sizeBytes: 10, sha256: "b".repeat(64) }]
        const licence = { name: "Apache-2.0", permissive: true }
        await request.pull.onOffer?.({ name: "tiny", source: "hf:a/b", licence, files, failed: [] })
      }
      return { id: "7" } as Job
    },
    async *events(_id, signal) {
      for (const event of events) yield event
      if (!hang) return
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new AppError("interrupted", { message: "gone" })))
      })
    },
    async cancel(id) {
      cancelled.push(id)
      return { id } as Job
    },
  }
  return { app: { ...fake.app, jobs }, started, cancelled }
}

const progress = (file: string, doneBytes: number): JobEvent => ({
  type: "progress",
  file,
  doneBytes,
  totalBytes: 10,
  bytesPerSecond: 5,
})

const FINISH: JobEvent = { type: "finish", name: "tiny:latest", digest: `sha256:${"b".repeat(64)}` }

const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

test("a pull is told in the lines that Ollama's clients wait for", async () => {
  await using fake = await createFakeApp()
  const events = [
    { type: "status", message: "asking hf:a/b" } as const,
    progress("weights.gguf", 5),
    progress("other.gguf", 10),
    progress("verify tiny:latest", 10),
    FINISH,
  ]
  const { app, started, cancelled } = scriptJobs(fake, events)
  // `name`, as ollama-js sends it.
  const body = { name: "tiny", insecure: true, accept_licence: true }
  const reply = await callRoute(ollamaRoutes, app, { path: "/api/pull", body })
  expect(linesOf(await readFrames(reply))).toEqual([
    { status: "pulling manifest" },
    { status: "asking hf:a/b" },
    { status: "pulling bbbbbbbbbbbb", digest: `sha256:${"b".repeat(64)}`, total: 10, completed: 5 },
    { status: "pulling other.gguf", digest: "other.gguf", total: 10, completed: 10 },
    { status: "verifying tiny:latest", digest: "verify tiny:latest", total: 10, completed: 10 },
    { status: "verifying sha256 digest" },
    { status: "writing manifest" },
    { status: "success" },
  ])
  expect(started).toMatchObject([{ type: "pull", pull: { reference: "tiny", acceptLicence: true } }])
  expect(cancelled).toEqual([])
})

test("without a stream, one object at the end", async () => {
  await using fake = await createFakeApp()
  const { app } = scriptJobs(fake, [FINISH])
  const body = { model: "tiny", stream: false }
  const reply = await callRoute(ollamaRoutes, app, { path: "/api/pull", body })
  expect(reply).toMatchObject({ type: "json", body: { status: "success" } })
})

test("a failure is the last line of a stream, and the status without one", async () => {
  await using fake = await createFakeApp()
  const { app, cancelled } = scriptJobs(fake, [
    { type: "error", code: "licence-not-accepted", message: "It has terms.", hint: "Read them." },
  ])
  const path = "/api/pull"
  const reply = await callRoute(ollamaRoutes, app, { path, body: { model: "tiny" } })
  expect(linesOf(await readFrames(reply)).at(-1)).toEqual({
    error: 'It has terms. Read them. A request says so with "accept_licence": true.',
  })
  await expect(
    callRoute(ollamaRoutes, app, { path, body: { model: "tiny", stream: false } }),
  ).rejects.toMatchObject({ code: "licence-not-accepted" })
  expect(cancelled).toEqual([])
})

test("the job of a client that leaves is cancelled", async () => {
  await using fake = await createFakeApp()
  const { app, cancelled } = scriptJobs(fake, [progress("weights.gguf", 5)], { hang: true })
  const call = { path: "/api/pull", body: { model: "tiny" } }
  const reading = await callRoute(ollamaRoutes, app, call)
  if (reading.type !== "stream") throw new Error("no stream")
  for await (const _ of reading.frames) break
  expect(cancelled).toEqual(["7"])

  // Before its first line was read.
  const gone = new AbortController()
  await callRoute(ollamaRoutes, app, { ...call, signal: gone.signal })
  gone.abort()
  await new Promise((resolve) => setImmediate(resolve))
  expect(cancelled).toEqual(["7", "7"])
})

const DIGEST = `sha256:${"c".repeat(64)}`

async function created(body: object): Promise<{ create: CreateRequest; ignored: string | undefined }> {
  await using fake = await createFakeApp()
  const { app, started } = scriptJobs(fake, [FINISH])
  const parsing: App = {
    ...app,
    models: {
      ...app.models,
      parseModelfile: async (text, { name }) => ({
        request: { name, from: "tiny", system: text },
        notices: ["ADAPTER is not there"],
      }),
    },
  }
  const reply = await callRoute(ollamaRoutes, parsing, {
    path: "/api/create",
    body: { model: "mine", stream: false, ...body },
  })
  const [request] = started
  if (request?.type !== "create") throw new Error("nothing was created")
  return { create: request.create, ignored: reply.headers?.["fireside-ignored-fields"] }
}

test("a model is made out of another one, with everything that a Modelfile says", async () => {
  const { create, ignored } = await created({
    from: "tiny",
    template: "{{ messages }}",
    system: "Be brief.",
    license: ["MIT", "More"],
    parameters: { temperature: 0.2, stop: ["END"], num_ctx: 1024, num_predict: 9, num_gpu: 1 },
    messages: [{ role: "user", content: "hi" }],
    adapters: { "a.gguf": DIGEST },
  })
  expect(create).toEqual({
    name: "mine",
    from: "tiny",
    template: "{{ messages }}",
    system: "Be brief.",
    licences: ["MIT", "More"],
    sampling: { temperature: 0.2 },
    stop: ["END"],
    contextLength: 1024,
    maxTokens: 9,
    messages: [{ role: "user", content: "hi" }],
    adapters: [`blob:sha256-${"c".repeat(64)}`],
  })
  expect(ignored).toBe("parameters.num_gpu")
})

test("out of an uploaded file, and out of a Modelfile's text", async () => {
  expect((await created({ files: { "x.gguf": DIGEST } })).create).toEqual({
    name: "mine",
    from: `blob:sha256-${"c".repeat(64)}`,
  })
  expect(await created({ modelfile: "FROM tiny" })).toEqual({
    create: { name: "mine", from: "tiny", system: "FROM tiny" },
    ignored: "modelfile",
  })
})

test.each([
  [{}, "bad-request", /`from`/],
  [{ from: "tiny", files: { "x.gguf": DIGEST } }, "bad-request", /`files`/],
  [{ files: { "x.gguf": DIGEST, "y.gguf": DIGEST } }, "unsupported", /2 files/],
  [{ files: { "x.safetensors": DIGEST } }, "unsupported", /GGUF/],
  [{ files: { "x.gguf": "sha256:../../x" } }, "bad-request", /`files`/],
  [{ from: "tiny", adapters: { a: "/etc/passwd" } }, "bad-request", /`adapters.a`/],
  [{ from: "tiny", quantize: "q4_K_M" }, "unsupported", /`quantize`/],
  [{ from: "/models/x.gguf" }, "bad-reference", /`from` is a path/],
  [{ from: "~/x.gguf" }, "bad-reference", /`from` is a path/],
  [{ from: "C:\\x.gguf" }, "bad-reference", /`from` is a path/],
  [{ from: `blob:${DIGEST}` }, "bad-reference", /`from` is a path/],
  [{ path: "Modelfile" }, "bad-reference", /`path` is a path/],
  [{ from: "tiny", parameters: { top_p: 2 } }, "bad-request", /`parameters.top_p`/],
  [{ from: "tiny", model: "" }, "bad-request", /`model`/],
])("create %j is refused by name", async (body, code, message) => {
  await expect(created(body)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

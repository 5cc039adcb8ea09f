import type { GgufEntry } from "@fireside/gguf"
import { AppError } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, createFakeLibrary, fakeStored } from "./testing.ts"

const never = new AbortController().signal

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe("models", () => {
  test("ps lists what is loaded; stop unloads it, and the next request loads it again", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    await app.load({ model: "tiny" }, {}, never)
    expect(await app.models.running()).toMatchObject([
      { name: "tiny:latest", contextLength: 2048, streams: 0, queued: 0 },
    ])
    expect(await app.models.stop("tiny", never)).toBe(1)
    await app.load({ model: "tiny" }, {}, never)
    expect(engine.loads).toHaveLength(2)
  })

  test("ps says what the engine's process has in memory, where the system tells", async () => {
    const asked: number[] = []
    await using world = await createFakeApp({
      residentMemory: async (pid) => (asked.push(pid) === 1 ? 3_000_000 : null),
    })
    const { app } = world
    await app.load({ model: "tiny" }, {}, never)
    const [measured] = await app.models.running()
    expect(measured).toMatchObject({ memoryBytes: 3_000_000 })
    expect(await app.models.running()).toMatchObject([{ memoryBytes: null }])
    expect(asked).toEqual([measured?.pid, measured?.pid])
  })

  test("ps does not list a model whose process has ended, until another has taken its place; stop unloads it all the same", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    await app.load({ model: "tiny" }, {}, never)
    engine.tellProcess(false)
    expect(await app.models.running()).toEqual([])
    engine.tellProcess(true)
    expect(await app.models.running()).toHaveLength(1)
    engine.tellProcess(false)
    expect(await app.models.stop("tiny", never)).toBe(1)
    expect(engine.closed).toEqual(["tiny:latest"])
  })

  test("stop of a model that is not loaded says so by 0, of one that is not there by an error", async () => {
    await using world = await createFakeApp()
    const { app } = world
    expect(await app.models.stop("tiny", never)).toBe(0)
    expect(await thrownBy(app.models.stop("nobody", never))).toMatchObject({ code: "model-not-found" })
  })

  test("a model that only this process has loaded is unloaded and removed", async () => {
    await using world = await createFakeApp()
    const { app, engine, library } = world
    await app.load({ model: "tiny" }, {}, never)
    expect(await app.models.remove("tiny")).toEqual({ freedBytes: 1_000_000 })
    expect(engine.closed).toEqual(["tiny:latest"])
    expect(library.models.size).toBe(0)
  })

  test("a damaged model can be removed", async () => {
    await using world = await createFakeApp()
    const { app, library } = world
    library.resolve = async () => {
      throw new AppError("corrupt-data", { message: "The manifest is junk." })
    }
    expect(await app.models.remove("tiny")).toEqual({ freedBytes: 1_000_000 })
    expect(library.models.size).toBe(0)
  })

  test("a model that another process uses is not removed", async () => {
    await using world = await createFakeApp()
    const { app, registry, library } = world
    const entry = {
      name: "tiny:latest",
      digest: "",
      sizeBytes: 1,
      processor: "CPU",
      contextLength: 1,
      expiresAt: null,
      pid: 9,
      streams: 0,
      queued: 0,
    }
    await registry.register({ ...entry, path: "/models/tiny:latest" }, () => {})
    expect(await thrownBy(app.models.remove("tiny"))).toMatchObject({ code: "model-in-use" })
    expect(library.models.size).toBe(1)
  })

  test("show gives capabilities and metadata with long arrays by their length", async () => {
    const metadata: Readonly<Record<string, GgufEntry>> = {
      "tokenizer.chat_template": { type: "string", value: "{% if tools %}<think>", offset: 0 },
      "tokenizer.ggml.tokens": {
        type: "array",
        value: { itemType: "string", count: 100, items: Array<string>(100).fill("x") },
        offset: 0,
      },
      "llama.context_length": { type: "uint64", value: 2048n, offset: 0 },
    }
    await using world = await createFakeApp({ library: createFakeLibrary([fakeStored({ metadata })]) })
    const { app } = world
    const shown = await app.models.show("tiny")
    expect(shown.capabilities).toEqual(["completion", "tools", "thinking"])
    expect(shown.metadata).toMatchObject({
      "tokenizer.ggml.tokens": { type: "string", length: 100 },
      "llama.context_length": 2048,
    })
    expect(() => JSON.stringify(shown)).not.toThrow()
  })

  test("create is a job; what it sets is shown, and its Modelfile makes it again", async () => {
    await using world = await createFakeApp()
    const { models } = world.app
    const text = "FROM tiny\nSYSTEM Be brief.\nPARAMETER num_ctx 512\nPARAMETER num_predict 7"
    const { request } = await models.parseModelfile(text, { name: "mine" })
    for await (const event of models.create(request, never)) expect(event.type).toBe("finish")
    expect(await world.jobs.list()).toMatchObject([{ kind: "create", subject: "mine", state: "done" }])
    expect(await models.show("mine")).toMatchObject({
      system: "Be brief.",
      contextLength: 2048,
      defaults: { contextLength: 512, maxTokens: 7 },
    })
    const again = await models.parseModelfile(await models.modelfile("mine"), { name: "mine" })
    expect(again.request).toEqual({ ...request, from: "mine" })
  })

  test("the Modelfile of a model without a file is refused", async () => {
    await using world = await createFakeApp({ engineName: "echo" })
    expect(await thrownBy(world.app.models.modelfile("echo"))).toMatchObject({ code: "unsupported" })
  })

  test("what can be obtained: names of the catalogue and references that say where from", async () => {
    await using world = await createFakeApp()
    const { app } = world
    const names = [
      "tiny:1m",
      "tiny",
      "TINY:1M",
      "hf:owner/repo",
      "hf.co/owner/repo:Q4_K_M",
      "https://x.org/a.gguf",
      "nobody",
    ]
    const found = await Promise.all(names.map((name) => app.models.obtainable(name)))
    expect(found).toEqual([true, true, true, true, true, true, false])
  })
})

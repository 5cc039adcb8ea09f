import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type ChatRequest, collect, type ModelSummary } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, createFakeLibrary, type FakeStored, fakeStored } from "./testing.ts"

const never = new AbortController().signal

const ask = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "tiny",
  messages: [{ role: "user", content: "hello there" }],
  ...change,
})

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe("the app", () => {
  test("the last model is remembered while it is there", async () => {
    await using world = await createFakeApp()
    const { app, library } = world
    expect(await app.lastModel()).toBeUndefined()
    await collect(app.chat(ask(), {}, never))
    expect(await app.lastModel()).toBe("tiny")
    library.models.clear()
    expect(await app.lastModel()).toBeUndefined()
  })

  test("embed, tokenise, detokenise and render lend the same model", async () => {
    await using world = await createFakeApp()
    const { app, engine } = world
    expect((await app.embed({ model: "tiny", texts: ["ab"] }, {}, never)).vectors[0]?.[0]).toBe(2)
    const tokens = await app.tokenize({ model: "tiny", text: "hi" }, never)
    expect(await app.detokenize({ model: "tiny", tokens }, never)).toBe("hi")
    expect(await app.render(ask(), never)).toMatchObject({ text: "hello there", contextLength: 2048 })
    expect(engine.loads).toHaveLength(1)
  })

  test("the echo engine needs no file", async () => {
    await using world = await createFakeApp({ engineName: "echo", library: createFakeLibrary() })
    const { app } = world
    expect((await collect(app.chat(ask({ model: "echo" }), {}, never))).text).toBe("hello there")
    expect(await app.models.has("echo")).toBe(true)
    expect(await thrownBy(collect(app.chat(ask({ model: "nobody" }), {}, never)))).toMatchObject({
      code: "model-not-found",
    })
  })

  test.each([
    [{}, 4],
    [{ mostStreams: 256 }, 256],
    [{ mostStreams: 256, streams: 100 }, 100],
  ])("the echo engine has the streams that are wished: %j are %i", async (wish, streams) => {
    await using world = await createFakeApp({ engineName: "echo", wish })
    await world.app.load({ model: "echo" }, {}, never)
    expect(world.engine.loads[0]?.plan.streams).toBe(streams)
  })

  test("a chat that was saved comes back the same; a damaged one says so", async () => {
    await using world = await createFakeApp()
    const { app } = world
    const chat = ask({ sampling: { temperature: 0 } })
    await app.chats.save("holiday", chat)
    expect(await app.chats.load("holiday")).toEqual(chat)
    expect(await app.chats.load("other")).toBeUndefined()
    expect(await app.chats.load("hf:owner/repo")).toBeUndefined()
    expect(await thrownBy(app.chats.save("../up", chat))).toMatchObject({ code: "bad-request" })
    await writeFile(join(world.home, "chats", "holiday.json"), "{")
    expect(await thrownBy(app.chats.load("holiday"))).toMatchObject({ code: "corrupt-data" })
  })

  test("the first run proposes, with smaller ones behind", async () => {
    await using world = await createFakeApp()
    const { app } = world
    const proposal = await app.firstRun(never)
    expect(proposal.candidates.map((it) => it.entry.name)).toEqual(["tiny:1m"])
    expect(proposal.present).toBeUndefined()
  })

  test("the first run names a model of another program's store that can chat, and none that cannot be used", async () => {
    const metadata = {
      "tokenizer.chat_template": { type: "string", value: "{{ messages }}", offset: 0 },
    } as const
    const elsewhere = (
      name: string,
      change: Partial<ModelSummary> = {},
      more: FakeStored["metadata"] = {},
    ) => {
      const stored = fakeStored({ name, metadata: { ...metadata, ...more } })
      return { ...stored, summary: { ...stored.summary, inPlace: true, ...change } }
    }
    const base = fakeStored({ name: "base:1b" })
    const library = createFakeLibrary([
      fakeStored({ name: "own:1b", metadata }),
      elsewhere("broken:1b", { problem: "cut off" }),
      elsewhere("embedder:1b", {}, { "llama.pooling_type": { type: "uint32", value: 1, offset: 0 } }),
      { ...base, summary: { ...base.summary, inPlace: true } },
      elsewhere("chat:7b", { parameters: "7B" }),
    ])
    await using world = await createFakeApp({ library })
    expect((await world.app.firstRun(never)).present).toMatchObject({ model: { name: "chat:7b" } })
  })
})

import type { App } from "@fireside/app"
import { createFakeApp, fakeJob } from "@fireside/app/testing"
import type { ChatEvent, Job, KeySummary } from "@fireside/protocol"
import { expect, test } from "vitest"
import { appFor } from "./app-for.ts"
import type { Caller } from "./caller.ts"
import type { Meter } from "./metrics/meter.ts"

const KEY: KeySummary = {
  id: "key-1",
  name: "guest",
  prefix: "fs-abc",
  scopes: ["chat", "embed", "models"],
  models: ["allowed"],
  requestsPerMinute: null,
  tokensPerDay: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
  tokensToday: 0,
}
const guest: Caller = { owner: KEY.id, scopes: KEY.scopes, key: KEY }
const meter: Meter = {
  request: () => {},
  answer: () => {},
  failure: () => {},
  read: async () => ({ text: "", contentType: "" }),
}
const never = new AbortController().signal
const forbidden = expect.objectContaining({ code: "forbidden" })
const job = (subject: string): Job => fakeJob({ id: subject, subject, state: "failed" })
const FINISH: ChatEvent = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 5, cachedTokens: 0, completionTokens: 3 },
  timings: { loadMs: 0, ttftMs: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0, totalMs: 0 },
}

async function drain(events: AsyncIterable<unknown>, count = Number.POSITIVE_INFINITY): Promise<void> {
  let seen = 0
  for await (const _ of events) {
    seen += 1
    if (seen >= count) return
  }
}

test("every way to a model that the key's list does not name is closed", async () => {
  await using fake = await createFakeApp()
  const jobs: App["jobs"] = {
    ...fake.app.jobs,
    list: async () => [job("allowed"), job("secret")],
    get: async (id) => job(id),
    resume: async (id) => job(id),
    cancel: async (id) => job(id),
  }
  const conversations: App["conversations"] = {
    ...fake.app.conversations,
    get: async (id) => ({ id, model: id === "bare" ? "" : id }) as never,
    async *chat() {},
  }
  const app = appFor({
    app: { ...fake.app, jobs, conversations, lastModel: async () => "secret" },
    caller: guest,
    meter,
    now: () => 0,
  })
  const model = "secret"
  const messages = [{ role: "user" as const, content: "hi" }]
  const prompt = { type: "plain", text: "" } as const
  const ways: Readonly<Record<string, () => unknown>> = {
    chat: () => drain(app.chat({ model, messages }, {}, never)),
    complete: () => drain(app.complete({ model, prompt }, {}, never)),
    embed: () => app.embed({ model, texts: [""] }, {}, never),
    rerank: () => app.rerank({ model, query: "", documents: [] }, {}, never),
    load: () => app.load({ model }, {}, never),
    tokenize: () => app.tokenize({ model, text: "" }, never),
    detokenize: () => app.detokenize({ model, tokens: [] }, never),
    render: () => app.render({ model, messages }, never),
    insertedSystem: () => app.insertedSystem(model, never),
    bench: () => drain(app.bench.run({ model }, never)),
    "bench.history": () => app.bench.history(model),
    show: () => app.models.show(model),
    modelfile: () => app.models.modelfile(model),
    stop: () => app.models.stop(model, never),
    remove: () => app.models.remove(model),
    "copy from": () => app.models.copy(model, "allowed"),
    "copy to": () => app.models.copy("allowed", model),
    "create from": () => drain(app.models.create({ name: "allowed", from: model }, never)),
    "create to": () => drain(app.models.create({ name: model, from: "allowed" }, never)),
    pull: () => drain(app.models.pull({ reference: model }, never)),
    verify: () => app.models.verify(model, never),
    "start pull": () => app.jobs.start({ type: "pull", pull: { reference: model } }),
    "start create": () => app.jobs.start({ type: "create", create: { name: "allowed", from: model } }),
    "job get": () => app.jobs.get(model),
    "job resume": () => app.jobs.resume(model),
    "job cancel": () => app.jobs.cancel(model),
    "job events": () => drain(app.jobs.events(model, never)),
    "a turn's model": () => drain(app.conversations.chat("allowed", { content: "", model }, {}, never)),
    "a conversation's model": () => drain(app.conversations.chat(model, { content: "" }, {}, never)),
    "a title's model": () => app.conversations.title("allowed", { model }, {}, never),
    "the model of a title's conversation": () => app.conversations.title(model, {}, {}, never),
    "the last model": () => drain(app.conversations.chat("bare", { content: "" }, {}, never)),
  }
  for (const [way, go] of Object.entries(ways))
    await expect((async () => go())(), way).rejects.toEqual(forbidden)
  expect((await app.jobs.list()).map((it) => it.subject)).toEqual(["allowed"])
  await expect(app.jobs.resume("allowed")).resolves.toBeDefined()
})

async function spentBy(events: readonly ChatEvent[], read = events.length): Promise<number> {
  await using fake = await createFakeApp()
  let spent = 0
  const keys: App["keys"] = {
    ...fake.app.keys,
    spend: async (_, tokens) => {
      spent += tokens
    },
  }
  const base: App = {
    ...fake.app,
    keys,
    async *chat() {
      yield* events
    },
  }
  const app = appFor({ app: base, caller: guest, meter, now: () => 0 })
  const messages = [{ role: "user" as const, content: "hi" }]
  await drain(app.chat({ model: "allowed", messages }, {}, never), read)
  return spent
}

test("tokens are counted at the end, and of an answer that was left what came", async () => {
  const start: ChatEvent = { type: "start", model: "allowed", id: "1" }
  const progress: ChatEvent = { type: "prompt-progress", doneTokens: 4, totalTokens: 5 }
  const delta: ChatEvent = { type: "text-delta", text: "a" }
  const error: ChatEvent = { type: "error", code: "engine-crashed", message: "" }
  expect(await spentBy([start, progress, delta, delta, delta, FINISH])).toBe(8)
  expect(await spentBy([start, progress, delta, delta, delta, FINISH], 4)).toBe(6)
  expect(await spentBy([start, progress, delta, error])).toBe(5)
  expect(await spentBy([start], 1)).toBe(0)
})

import { createFakeApp, createFakeLibrary, fakeStored } from "@fireside/app/testing"
import { type KeySummary, z } from "@fireside/protocol"
import { expect, test } from "vitest"
import type { Caller } from "../../caller.ts"
import { callRoute } from "../../testing.ts"
import { openaiRoutes } from "./routes.ts"

const KEY: KeySummary = {
  id: "k1",
  name: "guest",
  prefix: "fs-abc",
  scopes: ["chat", "embed"],
  models: ["small"],
  requestsPerMinute: null,
  tokensPerDay: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
  tokensToday: 0,
}
const GUEST: Caller = { owner: "k1", scopes: KEY.scopes, key: KEY }

function stored(name: string, digest: string, problem?: string) {
  const model = fakeStored({ name })
  return { ...model, summary: { ...model.summary, digest, ...(problem === undefined ? {} : { problem }) } }
}

const library = () =>
  createFakeLibrary([
    stored("small:latest", "sha256:a"),
    stored("nickname:latest", "sha256:a"),
    stored("secret:latest", "sha256:b"),
    stored("hf:owner/repo", "sha256:c"),
    stored("broken:latest", "sha256:d", "the file is gone"),
  ])

const MESSAGES = [{ role: "user", content: "Hi" }]
const BODIES: Readonly<Record<string, object>> = {
  "/v1/chat/completions": { messages: MESSAGES },
  "/v1/completions": { prompt: "Hi" },
  "/v1/embeddings": { input: "Hi" },
  "/v1/rerank": { query: "q", documents: ["a"] },
  "/rerank": { query: "q", documents: ["a"] },
  "/v1/reranking": { query: "q", documents: ["a"] },
  "/reranking": { query: "q", documents: ["a"] },
  "/infill": { input_prefix: "a", input_suffix: "b" },
  "/v1/infill": { input_prefix: "a", input_suffix: "b" },
  "/tokenize": { content: "Hi" },
  "/v1/tokenize": { content: "Hi" },
  "/detokenize": { tokens: [1] },
  "/v1/detokenize": { tokens: [1] },
  "/apply-template": { messages: MESSAGES },
  "/v1/apply-template": { messages: MESSAGES },
}

const POSTS = openaiRoutes.filter((route) => route.method === "POST").map((route) => route.path)

test.each(POSTS)("%s refuses a model that the key may not use", async (path) => {
  await using fake = await createFakeApp({ library: library() })
  expect(BODIES).toHaveProperty([path])
  for (const model of ["secret", "/models/secret.gguf"]) {
    const call = callRoute(openaiRoutes, fake.app, { path, body: { model, ...BODIES[path] }, caller: GUEST })
    await expect(call).rejects.toMatchObject({ code: expect.stringMatching(/^(forbidden|bad-request)$/) })
  }
  expect(fake.engine.loads).toEqual([])
})

test.each(POSTS)("%s answers a body of nothing with the field that is missing", async (path) => {
  await using fake = await createFakeApp()
  for (const body of [{}, [], null, "text", 5])
    await expect(callRoute(openaiRoutes, fake.app, { path, body, method: "POST" })).rejects.toMatchObject({
      code: "bad-request",
    })
})

test.each(POSTS)("the body of %s can be described", (path) => {
  const route = openaiRoutes.find((it) => it.path === path)
  if (route?.body?.type !== "json") throw new Error("no JSON body")
  expect(z.toJSONSchema(route.body.schema, { io: "input" })).toMatchObject({ type: "object" })
})

test("a listing shows usable models, and to a key those that it may use", async () => {
  await using fake = await createFakeApp({ library: library() })
  const names = async (caller?: Caller) => {
    const reply = await callRoute(openaiRoutes, fake.app, {
      path: "/v1/models",
      ...(caller === undefined ? {} : { caller }),
    })
    if (reply.type !== "json") throw new Error(`a ${reply.type} reply`)
    return (reply.body as { data: { id: string }[] }).data.map((model) => model.id)
  }
  expect(await names()).toEqual(["small:latest", "nickname:latest", "secret:latest", "hf:owner/repo"])
  expect(await names(GUEST)).toEqual(["small:latest"])
})

test.each([["/v1/models/hf%3Aowner%2Frepo"], ["/v1/models/hf:owner/repo"]])(
  "%s is one model",
  async (path) => {
    await using fake = await createFakeApp({ library: library() })
    const reply = await callRoute(openaiRoutes, fake.app, { path })
    expect(reply).toMatchObject({ body: { id: "hf:owner/repo", object: "model" } })
    await expect(callRoute(openaiRoutes, fake.app, { path, caller: GUEST })).rejects.toMatchObject({
      code: "forbidden",
    })
  },
)

test("no two routes have the same method and path", () => {
  const all = openaiRoutes.map((route) => `${route.method} ${route.path}`)
  expect(new Set(all).size).toBe(all.length)
})

test("llama.cpp's own routes take the model that was used last", async () => {
  await using fake = await createFakeApp()
  await callRoute(openaiRoutes, fake.app, {
    path: "/v1/chat/completions",
    body: { model: "tiny", messages: MESSAGES },
  })
  const reply = await callRoute(openaiRoutes, fake.app, { path: "/tokenize", body: { content: "Hi" } })
  expect(reply).toMatchObject({ body: { tokens: [72, 105] } })
})

test("pieces are for so many tokens and no more", async () => {
  await using fake = await createFakeApp()
  const ask = (length: number) =>
    callRoute(openaiRoutes, fake.app, {
      path: "/tokenize",
      body: { model: "tiny", content: "a".repeat(length), with_pieces: true },
    })
  await expect(ask(4_096)).resolves.toMatchObject({ type: "json" })
  await expect(ask(4_097)).rejects.toMatchObject({ code: "bad-request", details: { field: "with_pieces" } })
})

const many = (length: number, value: unknown = "a"): unknown[] => Array(length).fill(value)
const TOOL = { type: "function", function: { name: "now" } }
const bias = (entries: number) => Object.fromEntries(many(entries).map((_, id) => [id, 1]))

test.each<[path: string, body: object, at: object, beyond: object]>([
  ["/v1/completions", {}, { prompt: many(64) }, { prompt: many(65) }],
  ["/v1/completions", { prompt: "a" }, { logprobs: 20 }, { logprobs: 21 }],
  ["/v1/chat/completions", { messages: MESSAGES }, { n: 8 }, { n: 9 }],
  ["/v1/chat/completions", { messages: MESSAGES }, { stop: many(32) }, { stop: many(33) }],
  ["/v1/chat/completions", { messages: MESSAGES }, { stop: "a".repeat(1_024) }, { stop: "a".repeat(1_025) }],
  ["/v1/chat/completions", { messages: MESSAGES }, { tools: many(256, TOOL) }, { tools: many(257, TOOL) }],
  ["/v1/chat/completions", { messages: MESSAGES }, { logit_bias: bias(4_096) }, { logit_bias: bias(4_097) }],
  [
    "/v1/chat/completions",
    { messages: MESSAGES },
    { grammar: "a".repeat(65_536) },
    { grammar: "a".repeat(65_537) },
  ],
  [
    "/v1/chat/completions",
    {},
    { messages: many(10_000, MESSAGES[0]) },
    { messages: many(10_001, MESSAGES[0]) },
  ],
  ["/v1/embeddings", {}, { input: many(4_096) }, { input: many(4_097) }],
  ["/v1/rerank", { query: "q" }, { documents: many(1_000) }, { documents: many(1_001) }],
  [
    "/infill",
    { input_prefix: "a", input_suffix: "b" },
    { input_extra: many(256, { text: "a" }) },
    { input_extra: many(257, { text: "a" }) },
  ],
  ["/detokenize", {}, { tokens: [1_999_999] }, { tokens: [2_000_000] }],
])("%s at its limit and one beyond (%#)", async (path, body, at, beyond) => {
  await using fake = await createFakeApp()
  const rerank = async ({ documents }: { documents: readonly string[] }) => ({
    model: "tiny",
    scores: documents.map(() => 0),
    promptTokens: 1,
    totalMs: 1,
  })
  const ask = (change: object) =>
    callRoute(openaiRoutes, { ...fake.app, rerank }, { path, body: { model: "tiny", ...body, ...change } })
  await expect(ask(at)).resolves.toMatchObject({ type: "json" })
  const [field = ""] = Object.keys(beyond)
  await expect(ask(beyond)).rejects.toMatchObject({
    code: "bad-request",
    details: { field: expect.stringMatching(new RegExp(`^${field}`)) },
  })
})

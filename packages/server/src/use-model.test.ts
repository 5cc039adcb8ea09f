import { createFakeApp, createFakeLibrary, fakeStored } from "@fireside/app/testing"
import type { KeySummary } from "@fireside/protocol"
import { expect, test } from "vitest"
import { OWNER } from "./caller.ts"
import { usableModels, useModel } from "./use-model.ts"

const KEY: KeySummary = {
  id: "k1",
  name: "guest",
  prefix: "fs-abc",
  scopes: ["chat"],
  models: null,
  requestsPerMinute: null,
  tokensPerDay: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
  tokensToday: 0,
}

function stored(name: string, digest: string, path = `/models/${name}`) {
  const model = fakeStored({ name })
  return { ...model, path, summary: { ...model.summary, digest, path } }
}

const LIBRARY = [
  stored("small:latest", "sha256:a"),
  stored("nickname:latest", "sha256:a"),
  stored("secret:latest", "sha256:b"),
  stored("harmless:latest", "sha256:b"),
  stored("elsewhere:latest", "", "/elsewhere/1.gguf"),
  stored("elsewhere2:latest", "", "/elsewhere/2.gguf"),
]

test.each([
  { models: null, reference: "anything", allowed: true },
  { models: ["small"], reference: "small", allowed: true },
  { models: ["small"], reference: "small:latest", allowed: true },
  { models: ["small:latest"], reference: "small", allowed: true },
  { models: ["small"], reference: "nickname", allowed: true },
  { models: ["small"], reference: "secret", allowed: false },
  { models: ["small"], reference: "harmless", allowed: false },
  { models: ["harmless"], reference: "secret", allowed: true },
  { models: ["elsewhere"], reference: "elsewhere:latest", allowed: true },
  { models: ["elsewhere"], reference: "elsewhere2", allowed: false },
  { models: ["small"], reference: "absent", allowed: false },
  { models: ["absent"], reference: "absent", allowed: true },
  { models: ["gone", "small"], reference: "nickname", allowed: true },
  { models: ["gone"], reference: "absent", allowed: false },
  { models: [], reference: "small", allowed: false },
])("a key for $models asks for $reference: $allowed", async ({ models, reference, allowed }) => {
  await using fake = await createFakeApp({ library: createFakeLibrary(LIBRARY) })
  const caller = { owner: KEY.id, scopes: KEY.scopes, key: { ...KEY, models } }
  const asked = useModel({ app: fake.app, caller }, reference)
  if (allowed) await expect(asked).resolves.toBeUndefined()
  else await expect(asked).rejects.toMatchObject({ code: "forbidden" })
})

test.each([
  ["/models/secret.gguf", "bad-request"],
  ["../secret.gguf", "bad-request"],
  ["secret.gguf", "bad-request"],
  ["~/secret", "bad-request"],
  ["C:\\models\\x", "bad-request"],
  ["\\\\host\\share", "bad-request"],
  ["/proc/self/environ", "bad-request"],
  ["small+./adapter.gguf", "bad-request"],
  ["small+adapter.gguf", "bad-request"],
  [" /models/secret.gguf", "bad-request"],
  ["hf:owner/repo/file.gguf", undefined],
  ["https://example.org/x.gguf", undefined],
  ["small", undefined],
])("a key without a model list names %j: %s", async (reference, code) => {
  await using fake = await createFakeApp({ library: createFakeLibrary(LIBRARY) })
  const ask = (scopes: KeySummary["scopes"]) =>
    useModel({ app: fake.app, caller: { owner: "k1", scopes, key: { ...KEY, scopes } } }, reference)
  if (code === undefined) await expect(ask(["chat"])).resolves.toBeUndefined()
  else await expect(ask(["chat"])).rejects.toMatchObject({ code, details: { field: "model" } })
  await expect(ask(["admin"])).resolves.toBeUndefined()
})

test("the owner of the machine uses every model", async () => {
  await using fake = await createFakeApp()
  await expect(useModel({ app: fake.app, caller: OWNER }, "absent")).resolves.toBeUndefined()
})

test("a listing shows a key the models that it may use, under all their names", async () => {
  await using fake = await createFakeApp({ library: createFakeLibrary(LIBRARY) })
  const summaries = LIBRARY.map((model) => model.summary)
  const see = async (models: string[] | null) => {
    const caller = { owner: KEY.id, scopes: KEY.scopes, key: { ...KEY, models } }
    return (await usableModels({ app: fake.app, caller }, summaries)).map((it) => it.name)
  }
  expect(await see(["small", "gone"])).toEqual(["small:latest", "nickname:latest"])
  expect(await see([])).toEqual([])
  expect(await see(null)).toHaveLength(LIBRARY.length)
})

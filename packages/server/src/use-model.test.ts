import { createFakeApp } from "@fireside/app/testing"
import type { KeySummary } from "@fireside/protocol"
import { expect, test } from "vitest"
import { OWNER } from "./caller.ts"
import { useModel } from "./use-model.ts"

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

test.each([
  { models: null, reference: "anything", allowed: true },
  { models: ["small"], reference: "small", allowed: true },
  { models: ["small"], reference: "small:latest", allowed: true },
  { models: ["small:latest"], reference: "Small", allowed: true },
  { models: ["small"], reference: "secret", allowed: false },
  { models: ["small"], reference: "small:1b", allowed: false },
  { models: ["small"], reference: "/models/small.gguf", allowed: false },
  { models: ["/models/small.gguf"], reference: "/models/small.gguf", allowed: true },
  { models: [], reference: "small", allowed: false },
])("a key for $models asks for $reference: $allowed", async ({ models, reference, allowed }) => {
  await using fake = await createFakeApp()
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
  await using fake = await createFakeApp()
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

import type { KeySummary } from "@fireside/protocol"
import { expect, test } from "vitest"
import { OWNER, requireModel } from "./caller.ts"

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
])("a key for $models asks for $reference: $allowed", ({ models, reference, allowed }) => {
  const caller = { owner: KEY.id, scopes: KEY.scopes, key: { ...KEY, models } }
  const ask = () => requireModel(caller, reference)
  if (allowed) expect(ask).not.toThrow()
  else expect(ask).toThrowError(expect.objectContaining({ code: "forbidden" }))
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
])("a key without a model list names %j: %s", (reference, code) => {
  const ask = (scopes: KeySummary["scopes"]) => () =>
    requireModel({ owner: "k1", scopes, key: { ...KEY, scopes } }, reference)
  if (code === undefined) expect(ask(["chat"])).not.toThrow()
  else expect(ask(["chat"])).toThrowError(expect.objectContaining({ code, details: { field: "model" } }))
  expect(ask(["admin"])).not.toThrow()
})

test("the owner of the machine uses every model", () => {
  expect(() => requireModel(OWNER, "absent")).not.toThrow()
})

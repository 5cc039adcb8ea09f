import type { App } from "@fireside/app"
import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import { AppError, type KeySummary } from "@fireside/protocol"
import { expect, test } from "vitest"
import type { Caller } from "../../caller.ts"
import { callRoute } from "../../testing.ts"
import { ollamaRoutes } from "./routes.ts"

const DIGEST = `sha256:${"d".repeat(64)}`

/** An app that keeps uploaded blobs in memory. */
function withBlobs(fake: FakeApp): { app: App; blobs: Map<string, string> } {
  const blobs = new Map<string, string>()
  const models: App["models"] = {
    ...fake.app.models,
    hasBlob: async (digest) => blobs.has(digest),
    async putBlob(digest, bytes) {
      const chunks: Uint8Array[] = []
      for await (const chunk of bytes) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      if (text === "wrong") throw new AppError("digest-mismatch", { message: "The bytes are others." })
      blobs.set(digest, text)
    },
  }
  return { app: { ...fake.app, models }, blobs }
}

test("copy and delete, by either name of the field", async () => {
  await using fake = await createFakeApp()
  const copy = { source: "tiny", destination: "gpt-4o-mini" }
  const copied = await callRoute(ollamaRoutes, fake.app, { path: "/api/copy", body: copy })
  expect(copied).toMatchObject({ type: "empty", status: 200 })
  expect([...fake.library.models.keys()]).toContain("gpt-4o-mini")
  const path = "/api/delete"
  await callRoute(ollamaRoutes, fake.app, { method: "DELETE", path, body: { name: "gpt-4o-mini" } })
  await callRoute(ollamaRoutes, fake.app, { method: "DELETE", path, body: { model: "tiny:latest" } })
  expect([...fake.library.models.keys()]).toEqual([])
  await expect(
    callRoute(ollamaRoutes, fake.app, { method: "DELETE", path, body: { model: "tiny" } }),
  ).rejects.toMatchObject({ code: "model-not-found" })
  await expect(callRoute(ollamaRoutes, fake.app, { path: "/api/copy", body: copy })).rejects.toMatchObject({
    code: "model-not-found",
  })
})

test("a blob is uploaded and then there", async () => {
  await using fake = await createFakeApp()
  const { app, blobs } = withBlobs(fake)
  const path = `/api/blobs/${DIGEST}`
  expect(await callRoute(ollamaRoutes, app, { method: "HEAD", path })).toEqual({ type: "empty", status: 404 })
  const body = new TextEncoder().encode("weights")
  expect(await callRoute(ollamaRoutes, app, { path, body })).toEqual({ type: "empty", status: 201 })
  expect(blobs).toEqual(new Map([[DIGEST, "weights"]]))
  expect(await callRoute(ollamaRoutes, app, { method: "HEAD", path })).toEqual({ type: "empty", status: 200 })
  await expect(
    callRoute(ollamaRoutes, app, { path, body: new TextEncoder().encode("wrong") }),
  ).rejects.toMatchObject({ code: "bad-request", message: "The bytes are others." })
})

test.each([
  "sha256:../../x",
  `sha256:${"D".repeat(64)}`,
  `sha256:${"d".repeat(63)}`,
  `sha256:${"d".repeat(65)}`,
  "sha256:",
  "d".repeat(64),
])("%s is no digest", async (digest) => {
  await using fake = await createFakeApp()
  const { app } = withBlobs(fake)
  const path = `/api/blobs/${encodeURIComponent(digest)}`
  await expect(callRoute(ollamaRoutes, app, { method: "HEAD", path })).rejects.toMatchObject({
    code: "bad-request",
    details: { field: "digest" },
  })
})

test("push is refused by name", async () => {
  await using fake = await createFakeApp()
  await expect(
    callRoute(ollamaRoutes, fake.app, { path: "/api/push", body: { name: "tiny" } }),
  ).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("push") })
})

test.each([
  ["POST", "/api/chat", { model: "tiny", keep_alive: 0 }],
  ["POST", "/api/generate", { model: "tiny", keep_alive: 0 }],
  ["POST", "/api/embed", { model: "tiny", input: "x" }],
  ["POST", "/api/show", { model: "tiny" }],
  ["POST", "/api/pull", { model: "tiny" }],
  ["POST", "/api/create", { model: "tiny", from: "other" }],
  ["POST", "/api/create", { model: "other", from: "tiny" }],
  ["POST", "/api/copy", { source: "tiny", destination: "other" }],
  ["POST", "/api/copy", { source: "other", destination: "tiny" }],
  ["DELETE", "/api/delete", { model: "tiny" }],
] as const)(
  "%s %s %j: a key with a list of models changes and asks no others",
  async (method, path, body) => {
    await using fake = await createFakeApp()
    const caller: Caller = {
      owner: "key",
      scopes: ["admin"],
      key: { models: ["other"] } as unknown as KeySummary,
    }
    await expect(callRoute(ollamaRoutes, fake.app, { method, path, body, caller })).rejects.toMatchObject({
      code: "forbidden",
    })
  },
)

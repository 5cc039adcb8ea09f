import { createFakeApp } from "@fireside/app/testing"
import { AppError } from "@fireside/protocol"
import { expect, test } from "vitest"
import type { Reply } from "../../route.ts"
import { callRoute } from "../../testing.ts"
import { ollamaRoutes } from "./routes.ts"

const bodyOf = (reply: Reply): Record<string, unknown> => {
  if (reply.type !== "json") throw new Error(`a ${reply.type} reply`)
  return reply.body as Record<string, unknown>
}

test("vectors have length 1, those of the old route are the model's own", async () => {
  await using fake = await createFakeApp()
  const body = { model: "tiny", input: ["abc", "x"], options: { num_ctx: 512 } }
  const reply = await callRoute(ollamaRoutes, fake.app, { path: "/api/embed", body })
  expect(bodyOf(reply)).toMatchObject({
    model: "tiny",
    embeddings: [
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ],
    prompt_eval_count: 4,
  })
  expect(reply.headers).toEqual({ "fireside-ignored-fields": "options.num_ctx" })
  const short = { model: "tiny", input: "abc", dimensions: 2 }
  const cut = await callRoute(ollamaRoutes, fake.app, { path: "/api/embed", body: short })
  expect(bodyOf(cut).embeddings).toEqual([[1, 0]])
  const old = { model: "tiny", prompt: "abc" }
  expect(bodyOf(await callRoute(ollamaRoutes, fake.app, { path: "/api/embeddings", body: old }))).toEqual({
    embedding: [3, 0, 0, 0],
  })
})

test("without a text the model is loaded", async () => {
  await using fake = await createFakeApp()
  const body = { model: "tiny", input: [] }
  expect(bodyOf(await callRoute(ollamaRoutes, fake.app, { path: "/api/embed", body })).embeddings).toEqual([])
  expect(fake.engine.loads.map(({ plan }) => plan.embeddings)).toEqual([true])
})

test("a text that is too long is an error; with `truncate` it is cut, and the answer says so", async () => {
  await using fake = await createFakeApp()
  const contextLength = 12
  const app = {
    ...fake.app,
    async embed(...[request, options, signal]: Parameters<typeof fake.app.embed>) {
      const longest = Math.max(...request.texts.map((text) => text.length))
      if (longest > contextLength)
        throw new AppError("context-overflow", {
          message: "Too long.",
          details: { promptTokens: longest, contextLength },
        })
      return fake.app.embed(request, options, signal)
    },
  }
  const body = { model: "tiny", input: ["ab", "x".repeat(13)] }
  await expect(callRoute(ollamaRoutes, app, { path: "/api/embed", body })).rejects.toMatchObject({
    code: "context-overflow",
  })
  const cut = await callRoute(ollamaRoutes, app, { path: "/api/embed", body: { ...body, truncate: true } })
  expect(bodyOf(cut)).toMatchObject({ fireside: { cut: [1] }, prompt_eval_count: 6 })
})

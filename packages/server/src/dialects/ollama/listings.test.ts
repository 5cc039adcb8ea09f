import { createFakeApp, fakeStored } from "@fireside/app/testing"
import { expect, test } from "vitest"
import type { Reply } from "../../route.ts"
import { callRoute } from "../../testing.ts"
import { ollamaRoot, wantsOllamaRoot } from "./identity.ts"
import { ollamaRoutes } from "./routes.ts"

const bodyOf = (reply: Reply): Record<string, unknown> => {
  if (reply.type !== "json") throw new Error(`a ${reply.type} reply`)
  return reply.body as Record<string, unknown>
}

const DETAILS = {
  parent_model: "",
  format: "gguf",
  family: "llama",
  families: ["llama"],
  parameter_size: "1M",
  quantization_level: "Q8_0",
}

test("tags: every usable model, by both names of the field", async () => {
  await using fake = await createFakeApp()
  const unhashed = fakeStored({ name: "unhashed:latest" })
  fake.library.models.set("unhashed:latest", {
    ...unhashed,
    summary: { ...unhashed.summary, digest: "" },
  })
  const broken = fakeStored({ name: "broken:latest" })
  fake.library.models.set("broken:latest", { ...broken, summary: { ...broken.summary, problem: "damaged" } })
  const { models } = bodyOf(await callRoute(ollamaRoutes, fake.app, { path: "/api/tags" })) as {
    models: { name: string; digest: string }[]
  }
  expect(models[0]).toEqual({
    name: "tiny:latest",
    model: "tiny:latest",
    modified_at: "2026-01-01T00:00:00.000Z",
    size: 1_000_000,
    digest: "a".repeat(64),
    details: DETAILS,
    capabilities: ["completion"],
  })
  expect(models.map(({ name }) => name)).toEqual(["tiny:latest", "unhashed:latest"])
  expect(models[1]?.digest).toMatch(/^[0-9a-f]{64}$/)
})

test("ps: the memory of the model where the system tells, else the size of its weights", async () => {
  let memory: number | null = 3_000_000
  await using fake = await createFakeApp({ residentMemory: async () => memory })
  await callRoute(ollamaRoutes, fake.app, { path: "/api/generate", body: { model: "tiny" } })
  const sizes = async () => bodyOf(await callRoute(ollamaRoutes, fake.app, { path: "/api/ps" })).models
  expect(await sizes()).toMatchObject([{ size: 3_000_000 }])
  memory = null
  expect(await sizes()).toMatchObject([{ size: 1_000_000 }])
})

test("ps: when a model goes, with an offset; for ever is far away", async () => {
  await using fake = await createFakeApp()
  const load = (keep_alive: number) =>
    callRoute(ollamaRoutes, fake.app, { path: "/api/generate", body: { model: "tiny", keep_alive } })
  await load(60)
  const ps = async () =>
    (bodyOf(await callRoute(ollamaRoutes, fake.app, { path: "/api/ps" })).models as object[])[0]
  const first = await ps()
  expect(first).toMatchObject({
    name: "tiny:latest",
    model: "tiny:latest",
    digest: "a".repeat(64),
    details: DETAILS,
    size: 1_000_000,
    size_vram: 0,
    context_length: 2048,
    expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/),
  })
  await load(-1)
  expect(await ps()).toMatchObject({ expires_at: "2318-01-01T00:00:00.000+00:00" })
})

test("show: lines of parameters, a template that says insert, metadata without long lists", async () => {
  await using fake = await createFakeApp()
  const stored = fakeStored(
    {
      name: "coder:latest",
      metadata: {
        "general.architecture": { type: "string", value: "llama", offset: 0 },
        "tokenizer.chat_template": { type: "string", value: "{{ messages }}{{ tools }}", offset: 0 },
        "tokenizer.ggml.fim_pre_token_id": { type: "uint32", value: 1, offset: 0 },
        "tokenizer.ggml.tokens": {
          type: "array",
          value: { itemType: "uint32", count: 20, items: new Uint32Array(20) },
          offset: 0,
        },
      },
    },
    {
      system: "Be brief.",
      sampling: { temperature: 0.2, topK: 5 },
      contextLength: 512,
      maxTokens: 64,
      stop: ["END", 'a"\n'],
    },
  )
  fake.library.models.set("coder:latest", stored)
  const app = { ...fake.app, models: { ...fake.app.models, modelfile: async () => "FROM coder\n" } }
  // `name`, as older clients say.
  const body = { name: "coder:latest", verbose: true, options: {} }
  const reply = await callRoute(ollamaRoutes, app, { path: "/api/show", body })
  const shown = bodyOf(reply)
  expect(shown).toEqual({
    license: "Apache-2.0",
    modelfile: "FROM coder\n",
    parameters: [
      "temperature                    0.2",
      "top_k                          5",
      "num_ctx                        512",
      "num_predict                    64",
      'stop                           "END"',
      'stop                           "a\\"\\n"',
    ].join("\n"),
    template: "{{ messages }}{{ tools }}{#- .Suffix -#}",
    system: "Be brief.",
    details: DETAILS,
    model_info: {
      "general.architecture": "llama",
      "tokenizer.ggml.fim_pre_token_id": 1,
      "tokenizer.ggml.tokens": null,
      "llama.context_length": 2048,
    },
    capabilities: ["completion", "tools", "insert"],
    modified_at: "2026-01-01T00:00:00.000Z",
  })
  // As Continue reads them: a line of another form would end it.
  for (const line of String(shown.parameters).split("\n")) expect(line).toMatch(/^(\S+)\s+((?:".*")|\S+)$/)
  expect(reply.headers).toEqual({ "fireside-ignored-fields": "options" })
})

test("the version is digits and dots", async () => {
  await using fake = await createFakeApp()
  const { version } = bodyOf(await callRoute(ollamaRoutes, fake.app, { path: "/api/version" }))
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

test.each([
  [{}, true],
  [{ accept: "*/*" }, true],
  [{ accept: "application/json, application/x-ndjson" }, true],
  [{ accept: "text/html,application/xhtml+xml,*/*;q=0.8" }, false],
])("a client with %j wants Ollama's text: %s", (headers, wants) => {
  expect(wantsOllamaRoot(headers)).toBe(wants)
  expect(ollamaRoot()).toMatchObject({ type: "text", body: "Ollama is running" })
})

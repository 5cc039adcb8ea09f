// Every number of every body against the values that break parsers: refused by the field's name, or a request that the app's own schema takes.
import { createFakeApp } from "@fireside/app/testing"
import { AppError, ChatRequest, type ErrorBody, SamplingOptions, toErrorBody, z } from "@fireside/protocol"
import { expect, test } from "vitest"
import { callRoute } from "../../testing.ts"
import { type Asked, scriptApp } from "../golden.fixture.ts"
import { openaiRoutes } from "./routes.ts"

/** As they come out of JSON: 1e309 is Infinity there. */
const VALUES = [-1, 0, 2 ** 31, 2 ** 53, "1", JSON.parse("1e309"), 0.5]

const SHARED = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "typical_p",
  "repeat_penalty",
  "repeat_last_n",
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "max_tokens",
  "num_ctx",
  "n_ctx",
  "keep_alive",
  "logit_bias.5",
]

const MESSAGES = [{ role: "user", content: "Hi" }]
const ROUTES = [
  {
    path: "/v1/chat/completions",
    body: { model: "tiny", messages: MESSAGES, logprobs: true },
    fields: [...SHARED, "max_completion_tokens", "n", "top_logprobs"],
  },
  {
    path: "/v1/completions",
    body: { model: "tiny", prompt: "Hi" },
    fields: [...SHARED, "n", "best_of", "logprobs", "prompt.0"],
  },
  {
    path: "/infill",
    body: { model: "tiny", input_prefix: "a", input_suffix: "b" },
    fields: [...SHARED, "n_predict"],
  },
  {
    path: "/v1/embeddings",
    body: { model: "tiny", input: "Hi" },
    fields: ["dimensions", "keep_alive", "input.0"],
  },
  {
    path: "/v1/rerank",
    body: { model: "tiny", query: "q", documents: ["a", "b"] },
    fields: ["top_n", "keep_alive"],
  },
  { path: "/detokenize", body: { model: "tiny", tokens: [1] }, fields: ["tokens.0"] },
  {
    path: "/apply-template",
    body: { model: "tiny", messages: MESSAGES },
    fields: ["temperature", "max_tokens", "n", "top_logprobs"],
  },
]

/** What an app is asked to complete, as strictly as `ChatRequest` says it of a chat. */
const CompletionRequest = z.object({
  prompt: z.looseObject({ tokens: z.array(z.int().min(0)).optional() }),
  sampling: SamplingOptions.optional(),
  maxTokens: ChatRequest.shape.maxTokens,
  contextLength: ChatRequest.shape.contextLength,
  topLogprobs: ChatRequest.shape.topLogprobs,
})

const CASES = ROUTES.flatMap(({ path, body, fields }) =>
  fields.flatMap((field) => VALUES.map((value) => ({ path, body, field, value }))),
)

test.each(CASES)("$path: $field = $value", async ({ path, body, field, value }) => {
  await using fake = await createFakeApp()
  const timings = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 1 }
  const { app, asked } = scriptApp(fake.app, [
    { type: "start", model: "tiny", id: "1" },
    {
      type: "finish",
      reason: "stop",
      usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 0 },
      timings,
    },
  ])
  const rerank = async ({ documents }: { documents: readonly string[] }) => ({
    model: "tiny",
    scores: documents.map(() => 0.5),
    promptTokens: 1,
    totalMs: 1,
  })
  const refusal = await refusalOf(() =>
    callRoute(openaiRoutes, { ...app, rerank }, { path, body: withField(body, field, value) }),
  )
  if (refusal === undefined) for (const each of asked) requireSound(each)
  else {
    expect(refusal.code).toBe("bad-request")
    expect(String(refusal.details?.field)).toMatch(new RegExp(`^${field.split(".")[0]}`))
    expect(refusal.message).toContain(field.split(".")[0])
    expect(asked).toEqual([])
  }
})

function requireSound({ type, request, options }: Asked): void {
  if (type === "chat") ChatRequest.parse(request)
  else CompletionRequest.parse(request)
  const { keepAliveMs = 0 } = options
  expect(Number.isInteger(keepAliveMs) && keepAliveMs >= -1 && keepAliveMs < 2 ** 31).toBe(true)
}

/** Undefined when it was taken. What is no `AppError` is thrown on: it would be a 500. */
async function refusalOf(call: () => Promise<unknown>): Promise<ErrorBody | undefined> {
  try {
    await call()
    return undefined
  } catch (error) {
    if (error instanceof AppError) return toErrorBody(error)
    throw error
  }
}

function withField(body: object, field: string, value: unknown): object {
  const [name = "", inner] = field.split(".")
  if (inner === undefined) return { ...body, [name]: value }
  return { ...body, [name]: inner === "0" ? [value] : { [inner]: value } }
}

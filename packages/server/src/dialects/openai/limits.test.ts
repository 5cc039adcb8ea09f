import { createFakeApp, createFakeLibrary, fakeStored } from "@fireside/app/testing"
import { CHOICES_LIMIT, REQUEST_LIMITS, RERANK_LIMITS } from "@fireside/protocol"
import { expect, test } from "vitest"
import { callRoute } from "../../testing.ts"
import { openaiRoutes } from "./routes.ts"

const MESSAGES = [{ role: "user", content: "Hi" }]
const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at))
const biasOf = (count: number) => Object.fromEntries(times(count, (at) => [String(at), 1]))

interface Row {
  readonly name: string
  readonly path: string
  readonly limit: number
  /** A body of that many. */
  body(count: number): object
}

const ROWS: readonly Row[] = [
  {
    name: "answers to one prompt",
    path: "/v1/chat/completions",
    limit: CHOICES_LIMIT,
    body: (n) => ({ messages: MESSAGES, n }),
  },
  {
    name: "biases",
    path: "/v1/chat/completions",
    limit: REQUEST_LIMITS.logitBiasEntries,
    body: (count) => ({ messages: MESSAGES, logit_bias: biasOf(count) }),
  },
  {
    name: "likely tokens of a chat",
    path: "/v1/chat/completions",
    limit: REQUEST_LIMITS.topLogprobs,
    body: (count) => ({ messages: MESSAGES, logprobs: true, top_logprobs: count }),
  },
  {
    name: "likely tokens of a completion",
    path: "/v1/completions",
    limit: REQUEST_LIMITS.topLogprobs,
    body: (logprobs) => ({ prompt: "Hi", logprobs }),
  },
  {
    name: "prompts",
    path: "/v1/completions",
    limit: REQUEST_LIMITS.completionPrompts,
    body: (count) => ({ prompt: times(count, () => "Hi") }),
  },
  {
    name: "answers in one stream",
    path: "/v1/completions",
    limit: CHOICES_LIMIT,
    body: (count) => ({ prompt: times(count, () => "Hi"), stream: true }),
  },
  {
    name: "texts to embed",
    path: "/v1/embeddings",
    limit: REQUEST_LIMITS.embedTexts,
    body: (count) => ({ input: times(count, () => "a") }),
  },
  {
    name: "documents to rank",
    path: "/v1/rerank",
    limit: RERANK_LIMITS.documents,
    body: (count) => ({ query: "q", documents: times(count, () => "a") }),
  },
  {
    name: "other files with a gap",
    path: "/infill",
    limit: REQUEST_LIMITS.infillExtras,
    body: (count) => ({
      input_prefix: "a",
      input_suffix: "b",
      input_extra: times(count, () => ({ text: "c" })),
    }),
  },
  {
    name: "tokens with their text",
    path: "/tokenize",
    limit: REQUEST_LIMITS.tokenPieces,
    body: (count) => ({
      content: "a".repeat(count),
      add_special: false,
      with_pieces: true,
    }),
  },
]

test.each(ROWS)("$name at n and n + 1", async ({ path, limit, body }) => {
  await using fake = await createFakeApp({
    library: createFakeLibrary([fakeStored({ name: "small:latest" })]),
  })
  const verdict = async (count: number): Promise<unknown> => {
    try {
      const reply = await callRoute(openaiRoutes, fake.app, {
        path,
        body: { model: "small", ...body(count) },
      })
      if (reply.type === "stream") for await (const _ of reply.frames) break
      return "taken"
    } catch (error) {
      return (error as { code?: unknown }).code
    }
  }
  expect(await verdict(limit)).not.toBe("bad-request")
  expect(await verdict(limit + 1)).toBe("bad-request")
})

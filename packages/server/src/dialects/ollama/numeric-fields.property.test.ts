// Every number of every body × the numbers that clients get wrong: each is taken, or refused with the field's name.
import { createFakeApp } from "@fireside/app/testing"
import { AppError } from "@fireside/protocol"
import { expect, test } from "vitest"
import { callRoute, type RouteCall, readFrames } from "../../testing.ts"
import { renderChatml } from "./render-chatml.fixture.ts"
import { ollamaRoutes } from "./routes.ts"

const VALUES: readonly (readonly [label: string, value: unknown])[] = [
  ["−1", -1],
  ["0", 0],
  ["2^31", 2 ** 31],
  ["2^53", 2 ** 53],
  ['"1"', "1"],
  // As JSON.parse reads 1e309.
  ["1e309", Number.POSITIVE_INFINITY],
  ["0.5", 0.5],
]

/** The values that are taken; all others are refused. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  temperature: ["0", "0.5"],
  top_k: ["−1", "0"],
  top_p: ["0", "0.5"],
  min_p: ["0", "0.5"],
  typical_p: ["0", "0.5"],
  repeat_penalty: ["0.5"],
  repeat_last_n: ["−1", "0"],
  presence_penalty: ["−1", "0", "0.5"],
  frequency_penalty: ["−1", "0", "0.5"],
  seed: ["−1", "0", "2^31"],
  mirostat: ["0"],
  mirostat_tau: ["0", "0.5"],
  mirostat_eta: ["0", "0.5"],
  num_ctx: ["0"],
  num_predict: ["−1", "0", "2^31"],
}

const chat = { model: "tiny", messages: [{ role: "user", content: "hello" }], stream: false }
const generate = { model: "tiny", prompt: "hello", stream: false }
const embed = { model: "tiny", input: "hello" }

interface Field {
  readonly path: string
  readonly body: object
  readonly field: string
  readonly taken: readonly string[]
  readonly with: (value: unknown) => object
}

const optionFields = Object.entries(OPTIONS).flatMap(([name, taken]) =>
  [
    { path: "/api/chat", body: chat },
    { path: "/api/generate", body: generate },
    { path: "/api/embed", body: embed },
    { path: "/api/embeddings", body: { model: "tiny", prompt: "hello" } },
  ].map(
    ({ path, body }): Field => ({
      path,
      body,
      taken,
      field: `options.${name}`,
      with: (value) => ({ options: { [name]: value } }),
    }),
  ),
)

// A duration may be any number that there is; so may its text.
const DURATIONS = ["−1", "0", "2^31", "2^53", '"1"', "0.5"]

const FIELDS: readonly Field[] = [
  ...optionFields,
  ...[
    { path: "/api/chat", body: chat },
    { path: "/api/generate", body: generate },
    { path: "/api/embed", body: embed },
  ].map(
    ({ path, body }): Field => ({
      path,
      body,
      field: "keep_alive",
      taken: DURATIONS,
      with: (value) => ({ keep_alive: value }),
    }),
  ),
  ...[
    { path: "/api/chat", body: chat },
    { path: "/api/generate", body: generate },
  ].map(
    ({ path, body }): Field => ({
      path,
      body,
      field: "top_logprobs",
      taken: ["0"],
      with: (value) => ({ logprobs: true, top_logprobs: value }),
    }),
  ),
  {
    path: "/api/embed",
    body: embed,
    field: "dimensions",
    taken: [],
    with: (value) => ({ dimensions: value }),
  },
  {
    path: "/api/generate",
    body: generate,
    field: "context[0]",
    taken: ["0", "2^31"],
    with: (value) => ({ context: [value] }),
  },
]

test.each(FIELDS)("$path $field", async ({ path, body, field, taken, with: change }) => {
  await using fake = await createFakeApp()
  const outcomes: string[] = []
  for (const [label, value] of VALUES) {
    const outcome = await attempt(
      { ...fake.app, render: renderChatml },
      { path, body: { ...body, ...change(value) } },
    )
    if (outcome === undefined) outcomes.push(label)
    else expect([outcome.code, outcome.details.field], `${field} ${label}`).toEqual(["bad-request", field])
  }
  expect(outcomes).toEqual(taken)
})

/** The refusal; undefined when it was taken. */
async function attempt(app: Parameters<typeof callRoute>[1], call: RouteCall): Promise<AppError | undefined> {
  try {
    const reply = await callRoute(ollamaRoutes, app, call)
    if (reply.type === "stream") await readFrames(reply)
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

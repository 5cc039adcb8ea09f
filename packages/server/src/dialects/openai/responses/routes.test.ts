import type { App } from "@fireside/app"
import { createFakeApp } from "@fireside/app/testing"
import { AppError, REQUEST_LIMITS } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Reply } from "../../../route.ts"
import { callRoute, type RouteCall, readFrames } from "../../../testing.ts"
import { chatEvents } from "../../chat-events.fixture.ts"
import { scriptApp, testGoldens } from "../../golden.fixture.ts"
import { encodeError } from "../errors.ts"
import type { ResponseEvent } from "./answer-response.ts"
import type { ResponseObject } from "./response-object.ts"
import { responsesRoutes } from "./routes.ts"
import { createMemoryResponses } from "./stored-responses.fixture.ts"

testGoldens({
  folder: new URL("./golden/", import.meta.url),
  routes: responsesRoutes,
  encodeError,
  // What one case deletes the others need.
  change: { responses: { ...createMemoryResponses(), remove: async () => {} } },
})

const BODY = { model: "tiny", input: "hi" }

const call = (app: App, request: Partial<RouteCall>): Promise<Reply> =>
  callRoute(responsesRoutes, app, { path: "/v1/responses", ...request })

const respond = async (app: App, change: object = {}, request: Partial<RouteCall> = {}) => {
  const reply = await call(app, { ...request, body: { ...BODY, ...change } })
  if (reply.type !== "json") throw new Error("a body was expected")
  return reply.body as ResponseObject
}

const parseFrames = (frames: string): ResponseEvent[] =>
  frames
    .split("\n\n")
    .slice(0, -1)
    .map((frame) => {
      const [, name, data] = /^event: ([\w.]+)\ndata: (.*)$/s.exec(frame) ?? []
      const event = JSON.parse(data ?? "") as ResponseEvent
      expect(event.type).toBe(name)
      return event
    })

describe("state", () => {
  test("a request goes on from the one it names, without its instructions", async () => {
    await using fake = await createFakeApp()
    const app = { ...fake.app, responses: createMemoryResponses() }
    const first = await respond(app, { instructions: "Shout." })
    await respond(app, { input: "again", previous_response_id: first.id })
    const { prompt } = fake.engine.prompts.at(-1)!
    expect(prompt).toMatchObject({
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: "hi" },
        { role: "user", content: "again" },
      ],
    })
  })

  test("what was sent can be got, streamed or not, until it is deleted", async () => {
    await using fake = await createFakeApp()
    for (const stream of [false, true]) {
      const app = { ...fake.app, responses: createMemoryResponses() }
      const reply = await call(app, { body: { ...BODY, stream } })
      const sent = reply.type === "json" ? reply.body : parseFrames(await readFrames(reply)).at(-1)?.response
      const path = `/v1/responses/${(sent as ResponseObject).id}`
      expect(await call(app, { path })).toMatchObject({ body: sent })
      expect(await call(app, { path, method: "DELETE" })).toMatchObject({ body: { deleted: true } })
      await expect(call(app, { path })).rejects.toMatchObject({ code: "not-found" })
    }
  })

  test("with `store: false` nothing is kept", async () => {
    await using fake = await createFakeApp()
    const responses = createMemoryResponses()
    const app = { ...fake.app, responses }
    await respond(app, { store: false })
    const reply = await call(app, { body: { ...BODY, store: false, stream: true } })
    expect(parseFrames(await readFrames(reply)).at(-1)?.type).toBe("response.completed")
    expect(responses.saved).toEqual([])
  })

  test("another owner's is not there", async () => {
    await using fake = await createFakeApp()
    const app = { ...fake.app, responses: createMemoryResponses() }
    const caller = { owner: "k", scopes: ["chat" as const], key: undefined }
    const previous = { previous_response_id: "resp_before" }
    await expect(respond(app, previous, { caller })).rejects.toMatchObject({
      code: "not-found",
      details: { field: "previous_response_id" },
    })
    for (const path of ["/v1/responses/resp_before", "/v1/responses/resp_before/input_items"])
      await expect(call(app, { path, caller })).rejects.toMatchObject({ code: "not-found" })
  })

  test("an answer that cannot be kept is a failed one", async () => {
    await using fake = await createFakeApp()
    const responses = createMemoryResponses()
    responses.failSave = new AppError("disk-full", { message: "The disk is full." })
    const app = { ...fake.app, responses }
    await expect(respond(app)).rejects.toMatchObject({ code: "disk-full" })
    const last = parseFrames(await readFrames(await call(app, { body: { ...BODY, stream: true } }))).at(-1)
    expect(last).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { code: "server_error", message: "The disk is full." } },
    })
  })

  test.each(["0", "101", "-1", "x", "1.5"])("a page of %s items is refused", async (limit) => {
    await using fake = await createFakeApp()
    const app = { ...fake.app, responses: createMemoryResponses() }
    const path = `/v1/responses/resp_before/input_items?limit=${limit}`
    await expect(call(app, { path })).rejects.toMatchObject({ details: { field: "limit" } })
  })
})

describe("limits, at n and n + 1", () => {
  const cases: [string, number, (n: number) => unknown][] = [
    ["input", REQUEST_LIMITS.messages, (n) => Array(n).fill({ role: "user", content: "" })],
    ["tools", REQUEST_LIMITS.tools, (n) => Array(n).fill({ type: "function", name: "t" })],
  ]
  test.each(cases)("%s", async (field, limit, make) => {
    await using fake = await createFakeApp()
    const app = { ...fake.app, responses: createMemoryResponses() }
    expect(await respond(app, { [field]: make(limit) })).toMatchObject({ status: "completed" })
    await expect(respond(app, { [field]: make(limit + 1) })).rejects.toMatchObject({
      code: "bad-request",
      details: { field },
    })
  })

  test("a conversation that grows beyond", async () => {
    await using fake = await createFakeApp()
    const app = { ...fake.app, responses: createMemoryResponses() }
    const input = Array(REQUEST_LIMITS.messages - 1).fill({ role: "user", content: "" })
    const { id } = await respond(app, { input })
    await expect(respond(app, { previous_response_id: id })).rejects.toMatchObject({
      code: "bad-request",
      details: { field: "previous_response_id" },
    })
  })
})

describe("numbers", () => {
  const fields = ["max_output_tokens", "temperature", "top_p", "top_logprobs"]
  const values = [-1, 0, 2 ** 31, 2 ** 53, "1", Number("1e309"), 0.5]
  const cases = fields.flatMap((field) => values.map((value) => [field, value] as const))

  test.each(cases)("%s: %j is taken within its bounds or refused by name", async (field, value) => {
    await using fake = await createFakeApp()
    const app = { ...fake.app, responses: createMemoryResponses() }
    const error = await respond(app, { [field]: value }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error !== undefined) {
      expect(error).toBeInstanceOf(AppError)
      expect(error).toMatchObject({ code: "bad-request", details: { field } })
      return
    }
    const { options } = fake.engine.prompts[0]!
    expect(typeof value).toBe("number")
    expect(options.maxTokens ?? 1).toSatisfy(Number.isSafeInteger)
    expect(options.maxTokens ?? 1).toBeGreaterThanOrEqual(1)
    expect(options.sampling?.temperature ?? 0).toBeLessThanOrEqual(2)
    expect(options.sampling?.topP ?? 0).toBeLessThanOrEqual(1)
    expect(options.topLogprobs ?? 0).toBeLessThanOrEqual(20)
  })
})

test("a stream puts together the response that its request would get without one", async () => {
  await using fake = await createFakeApp()
  const base = { ...fake.app, responses: createMemoryResponses() }
  await fc.assert(
    fc.asyncProperty(chatEvents(), async (events) => {
      const ask = (stream: boolean) => call(scriptApp(base, events).app, { body: { ...BODY, stream } })
      const frames = parseFrames(await readFrames(await ask(true)))
      const whole = await ask(false)
      const body = (whole.type === "json" ? whole.body : undefined) as ResponseObject
      expect(frames.at(-1)?.response).toEqual(body)
      expect(putTogether(frames)).toEqual(body.output)
    }),
    { numRuns: 500, seed: 4 },
  )
})

/** As a client does it, out of the deltas alone. */
function putTogether(events: readonly ResponseEvent[]): unknown[] {
  // biome-ignore lint/suspicious/noExplicitAny: a client that trusts the wire
  const items: any[] = []
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at))
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual(["response.created", "response.in_progress"])
  // biome-ignore lint/suspicious/noExplicitAny: a client that trusts the wire
  for (const event of events.slice(2, -1) as any[]) {
    const item = items[event.output_index]
    if (event.item_id !== undefined) expect(event.item_id).toBe(item.id)
    switch (event.type) {
      case "response.output_item.added":
        expect(event.output_index).toBe(items.length)
        items.push(event.item)
        break
      case "response.content_part.added":
        item.content[event.content_index] = event.part
        break
      case "response.reasoning_summary_part.added":
        item.summary[event.summary_index] = event.part
        break
      case "response.output_text.delta":
        item.content[event.content_index].text += event.delta
        break
      case "response.reasoning_summary_text.delta":
        item.summary[event.summary_index].text += event.delta
        break
      case "response.function_call_arguments.delta":
        item.arguments += event.delta
        break
      case "response.output_text.done":
        expect(event.text).toBe(item.content[event.content_index].text)
        break
      case "response.content_part.done":
        expect(event.part).toEqual(item.content[event.content_index])
        break
      case "response.reasoning_summary_text.done":
        expect(event.text).toBe(item.summary[event.summary_index].text)
        break
      case "response.reasoning_summary_part.done":
        expect(event.part).toEqual(item.summary[event.summary_index])
        break
      case "response.function_call_arguments.done":
        expect(event.arguments).toBe(item.arguments)
        break
      case "response.output_item.done":
        item.status = event.item.status
        expect(event.item).toEqual(item)
        break
      default:
        throw new Error(`an event that no client knows: ${event.type}`)
    }
  }
  return items
}

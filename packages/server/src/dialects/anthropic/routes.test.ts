import { createFakeApp } from "@fireside/app/testing"
import { AppError, type ChatRequest, ERROR_CODES, type ErrorCode, REQUEST_LIMITS } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { callRoute, readFrames } from "../../testing.ts"
import { chatEvents } from "../chat-events.fixture.ts"
import { scriptApp, testGoldens } from "../golden.fixture.ts"
import type { MessageBlock, MessageEvent, MessageObject } from "./answer-message.ts"
import { encodeError } from "./errors.ts"
import { anthropicRoutes } from "./routes.ts"

testGoldens({
  folder: new URL("./golden/", import.meta.url),
  routes: anthropicRoutes,
  encodeError,
})

const BODY = { model: "tiny", max_tokens: 8, messages: [{ role: "user", content: "hi" }] }

describe("counting", () => {
  test("sees what a chat would see: system text, tools and turns", async () => {
    await using fake = await createFakeApp()
    const asked: ChatRequest[] = []
    const app = {
      ...fake.app,
      render: async (request: ChatRequest) => {
        asked.push(request)
        return { text: "", tokens: [1, 2, 3], fromTemplate: [], kinds: [], ends: [], contextLength: 10 }
      },
    }
    const body = {
      ...BODY,
      system: "Be brief.",
      tools: [{ name: "f", input_schema: { type: "object" } }],
    }
    const reply = await callRoute(anthropicRoutes, app, { path: "/v1/messages/count_tokens", body })
    expect(reply).toMatchObject({ body: { input_tokens: 3 } })
    expect(asked).toEqual([
      {
        model: "tiny",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "hi" },
        ],
        tools: [{ name: "f", parameters: { type: "object" } }],
        think: false,
      },
    ])
  })
})

describe("models of a key", () => {
  test.each(["/v1/messages", "/v1/messages/count_tokens"])("%s asks for leave", async (path) => {
    await using fake = await createFakeApp()
    const key = {
      id: "k",
      name: "k",
      prefix: "fs_k",
      scopes: ["chat" as const],
      models: ["other"],
      requestsPerMinute: null,
      tokensPerDay: null,
      createdAt: "2026-01-01T00:00:00.000Z",
      lastUsedAt: null,
      revokedAt: null,
      tokensToday: 0,
    }
    const caller = { owner: "k", scopes: key.scopes, key }
    await expect(callRoute(anthropicRoutes, fake.app, { path, body: BODY, caller })).rejects.toMatchObject({
      code: "forbidden",
    })
  })
})

describe("errors", () => {
  test("each code has a type that clients know", () => {
    const known = [
      "invalid_request_error",
      "authentication_error",
      "permission_error",
      "not_found_error",
      "request_too_large",
      "rate_limit_error",
      "api_error",
      "overloaded_error",
      "timeout_error",
    ]
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const { status, body } = encodeError({ code, message: "It failed." }, "req-1")
      expect(status).toBe(ERROR_CODES[code].status)
      expect(known).toContain((body as { error: { type: string } }).error.type)
    }
  })

  test("a mistake of ours is not told, its request is", () => {
    const { body } = encodeError({ code: "internal", message: "/home/me/secret" }, "req-1")
    expect(JSON.stringify(body)).not.toContain("secret")
    expect(JSON.stringify(body)).toContain("req-1")
  })
})

describe("limits, at n and n + 1", () => {
  const tool = { name: "t", input_schema: {} }
  const cases: [string, number, (n: number) => unknown][] = [
    ["messages", REQUEST_LIMITS.messages, (n) => Array(n).fill(BODY.messages[0])],
    ["tools", REQUEST_LIMITS.tools, (n) => Array(n).fill(tool)],
    ["stop_sequences", REQUEST_LIMITS.stopStrings, (n) => Array(n).fill("x")],
    ["stop_sequences[0]", REQUEST_LIMITS.stopStringBytes, (n) => ["x".repeat(n)]],
  ]
  test.each(cases)("%s", async (field, limit, make) => {
    await using fake = await createFakeApp()
    const name = field.replace("[0]", "")
    const send = (n: number) =>
      callRoute(anthropicRoutes, fake.app, { path: "/v1/messages", body: { ...BODY, [name]: make(n) } })
    expect(await send(limit)).toMatchObject({ type: "json" })
    await expect(send(limit + 1)).rejects.toMatchObject({ code: "bad-request", details: { field } })
  })
})

describe("numbers", () => {
  const fields = ["max_tokens", "temperature", "top_p", "top_k", "thinking.budget_tokens"]
  const values = [-1, 0, 2 ** 31, 2 ** 53, "1", Number("1e309"), 0.5]
  const cases = fields.flatMap((field) => values.map((value) => [field, value] as const))

  test.each(cases)("%s: %j is taken within its bounds or refused by name", async (field, value) => {
    await using fake = await createFakeApp()
    const [name = "", inner] = field.split(".")
    const change = inner === undefined ? { [name]: value } : { [name]: { type: "enabled", [inner]: value } }
    const body = { ...BODY, ...change }
    const sent = await callRoute(anthropicRoutes, fake.app, { path: "/v1/messages", body }).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (sent !== undefined) {
      expect(sent).toBeInstanceOf(AppError)
      expect(sent).toMatchObject({ code: "bad-request", details: { field } })
      return
    }
    const options = fake.engine.prompts[0]?.options
    expect(typeof value).toBe("number")
    expect(options?.maxTokens ?? 1).toSatisfy(Number.isSafeInteger)
    expect(options?.maxTokens).toBeGreaterThanOrEqual(1)
    expect(options?.sampling?.temperature ?? 0).toBeLessThanOrEqual(2)
    expect(options?.sampling?.topP ?? 0).toBeLessThanOrEqual(1)
    expect(options?.sampling?.topK ?? 0).toBeLessThanOrEqual(1_000_000)
  })
})

test("a stream puts together the message that its request would get without one", async () => {
  await using fake = await createFakeApp()
  await fc.assert(
    fc.asyncProperty(chatEvents(), async (events) => {
      const ask = (stream: boolean) =>
        callRoute(anthropicRoutes, scriptApp(fake.app, events).app, {
          path: "/v1/messages",
          body: { ...BODY, stream },
        })
      const streamed = putTogether(await readFrames(await ask(true)))
      const whole = await ask(false)
      expect(streamed).toEqual(whole.type === "json" ? whole.body : undefined)
    }),
    { numRuns: 500, seed: 4 },
  )
})

/** As a client does it: nothing of ours but the frames. */
function putTogether(frames: string): MessageObject {
  let message: MessageObject | undefined
  const content: MessageBlock[] = []
  const json: string[] = []
  let open: number | undefined
  let ended = false
  for (const frame of frames.split("\n\n").slice(0, -1)) {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(frame) ?? []
    const event = JSON.parse(data ?? "") as MessageEvent
    expect(event.type).toBe(name)
    expect(ended).toBe(false)
    switch (event.type) {
      case "message_start":
        expect(message).toBeUndefined()
        message = event.message
        break
      case "ping":
        break
      case "content_block_start":
        expect(open).toBeUndefined()
        expect(event.index).toBe(content.length)
        open = event.index
        content.push(event.content_block)
        break
      case "content_block_delta": {
        expect(event.index).toBe(open)
        const block = content[event.index]
        const { delta } = event
        if (delta.type === "text_delta" && block?.type === "text") block.text += delta.text
        else if (delta.type === "thinking_delta" && block?.type === "thinking")
          block.thinking += delta.thinking
        else if (delta.type === "input_json_delta" && block?.type === "tool_use")
          json[event.index] = (json[event.index] ?? "") + delta.partial_json
        else expect([delta.type, block?.type]).toEqual(["signature_delta", "thinking"])
        break
      }
      case "content_block_stop": {
        expect(event.index).toBe(open)
        const block = content[event.index]
        if (block?.type === "tool_use") block.input = JSON.parse(json[event.index] ?? "")
        open = undefined
        break
      }
      case "message_delta":
        expect(open).toBeUndefined()
        message = {
          ...message!,
          ...event.delta,
          usage: event.usage,
          ...(event.fireside === undefined ? {} : { fireside: event.fireside }),
        }
        break
      case "message_stop":
        ended = true
        break
      default:
        event satisfies never
    }
  }
  expect(ended).toBe(true)
  return { ...message!, content }
}

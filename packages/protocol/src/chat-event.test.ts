import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ChatEvent, collect } from "./chat-event.ts"
import { AppError } from "./errors.ts"

const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2 }
const timings = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 2, decodeTokensPerSecond: 3, totalMs: 4 }

async function* stream(events: readonly ChatEvent[]): AsyncIterable<ChatEvent> {
  yield* events
}

describe("collect", () => {
  test("puts text, reasoning, tool calls and notices together", async () => {
    const answer = await collect(
      stream([
        { type: "start", model: "m", id: "1" },
        { type: "notice", message: "the template added a system prompt" },
        { type: "reasoning-delta", text: "hm" },
        { type: "text-delta", text: "a" },
        { type: "tool-call-start", callId: "c", name: "weather" },
        { type: "tool-call-delta", callId: "c", arguments: '{"city":' },
        { type: "tool-call-delta", callId: "c", arguments: '"Porto"}' },
        { type: "tool-call-end", callId: "c" },
        { type: "text-delta", text: "b" },
        { type: "finish", reason: "tool-calls", usage, timings },
      ]),
    )
    expect(answer).toMatchObject({
      id: "1",
      model: "m",
      text: "ab",
      reasoning: "hm",
      toolCalls: [{ callId: "c", name: "weather", arguments: '{"city":"Porto"}' }],
      notices: ["the template added a system prompt"],
      reason: "tool-calls",
      usage,
      timings,
    })
  })

  test("text is the same however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" })), async (parts) => {
        const answer = await collect(
          stream([
            { type: "start", model: "m", id: "1" },
            ...parts.map((text) => ({ type: "text-delta", text }) as const),
            { type: "finish", reason: "stop", usage, timings },
          ]),
        )
        expect(answer.text).toBe(parts.join(""))
      }),
    )
  })

  test("throws what an error event carries", async () => {
    const events: ChatEvent[] = [
      { type: "start", model: "m", id: "1" },
      { type: "text-delta", text: "half" },
      { type: "error", code: "engine-crashed", message: "The engine ended.", hint: "Try again." },
    ]
    const thrown = await collect(stream(events)).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(AppError)
    expect(thrown).toMatchObject({ code: "engine-crashed", hint: "Try again." })
  })

  test("a stream without an end is a mistake of ours", async () => {
    await expect(collect(stream([{ type: "start", model: "m", id: "1" }]))).rejects.toThrow(
      /without `finish`/,
    )
  })

  test("a tool call's delta before its start is a mistake of ours", async () => {
    await expect(
      collect(stream([{ type: "tool-call-delta", callId: "c", arguments: "{}" }])),
    ).rejects.toThrow(/before tool-call-start/)
  })
})

test("the schema refuses an event of an unknown type and an unknown error code", () => {
  expect(ChatEvent.safeParse({ type: "text" }).success).toBe(false)
  expect(ChatEvent.safeParse({ type: "error", code: "oops", message: "" }).success).toBe(false)
})

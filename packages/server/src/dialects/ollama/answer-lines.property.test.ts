// What is streamed and what comes whole say the same, whatever the events.
import { createFakeApp } from "@fireside/app/testing"
import type { ChatEvent } from "@fireside/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { callRoute, readFrames } from "../../testing.ts"
import { scriptApp } from "../golden.fixture.ts"
import { ollamaRoutes } from "./routes.ts"

const RUNS = { seed: 20_260_101, numRuns: 500 }

const text = fc.string({ unit: "grapheme", maxLength: 12 })
const logprob = fc.record({
  token: text,
  bytes: fc.array(fc.nat(255), { maxLength: 4 }),
  logprob: fc.double({ min: -20, max: 0, noNaN: true }),
})
const content: fc.Arbitrary<ChatEvent[]> = fc.oneof(
  text.map((it): ChatEvent[] => [{ type: "text-delta", text: it }]),
  fc
    .record({ token: logprob, top: fc.array(logprob, { maxLength: 2 }) })
    .map(({ token, top }): ChatEvent[] => [
      { type: "text-delta", text: token.token, logprobs: [{ ...token, top }] },
    ]),
  text.map((it): ChatEvent[] => [{ type: "reasoning-delta", text: it }]),
  text.map((it): ChatEvent[] => [{ type: "notice", message: it }]),
  fc.constant<ChatEvent[]>([{ type: "prompt-progress", doneTokens: 1, totalTokens: 2 }]),
  fc
    .record({
      name: fc.string({ minLength: 1, maxLength: 8 }),
      written: fc.oneof(
        fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 }).map((it) => JSON.stringify(it)),
        // What a model writes that nothing forces to write JSON.
        fc.constantFrom("", "{", "[1]", "nonsense", "null"),
      ),
      cut: fc.nat(20),
    })
    .map(({ name, written, cut }): ChatEvent[] => [
      { type: "tool-call-start", callId: "?", name },
      { type: "tool-call-delta", callId: "?", arguments: written.slice(0, cut) },
      { type: "tool-call-delta", callId: "?", arguments: written.slice(cut) },
      { type: "tool-call-end", callId: "?" },
    ]),
)

const answer = fc
  .record({
    pieces: fc.array(content, { maxLength: 12 }),
    reason: fc.constantFrom("stop", "length", "tool-calls"),
    dropped: fc.boolean(),
    tokens: fc.nat(1_000),
    speed: fc.double({ min: 0, max: 1_000, noNaN: true }),
  })
  .map(({ pieces, reason, dropped, tokens, speed }): ChatEvent[] => [
    {
      type: "start",
      model: "tiny",
      id: "1",
      ...(dropped ? { dropped: { policy: "drop-oldest", messages: 2, tokens: 9 } as const } : {}),
    },
    ...pieces.flatMap((events, at) =>
      events.map((event) => ("callId" in event ? { ...event, callId: `call_${at}` } : event)),
    ),
    {
      type: "finish",
      reason,
      usage: { promptTokens: tokens, cachedTokens: 0, completionTokens: tokens },
      timings: {
        loadMs: 1,
        ttftMs: 2,
        prefillTokensPerSecond: speed,
        decodeTokensPerSecond: speed,
        totalMs: 3,
      },
    },
  ])

interface Line {
  readonly message?: { content: string; thinking?: string; tool_calls?: unknown[] }
  readonly response?: string
  readonly thinking?: string
  readonly logprobs?: unknown[]
  readonly done: boolean
}

/** The lines, put together as a client does. */
function join(lines: readonly Line[], form: "chat" | "generate"): unknown {
  const last = lines.at(-1)
  const parts = lines.map((line) => (form === "chat" ? line.message : line))
  const thinking = parts.map((part) => part?.thinking ?? "").join("")
  const logprobs = lines.flatMap((line) => line.logprobs ?? [])
  const calls = lines.flatMap((line) => line.message?.tool_calls ?? [])
  const thought = thinking === "" ? {} : { thinking }
  const written =
    form === "chat"
      ? {
          message: {
            role: "assistant",
            content: lines.map((line) => line.message?.content ?? "").join(""),
            ...thought,
            ...(calls.length === 0 ? {} : { tool_calls: calls }),
          },
        }
      : { response: lines.map((line) => line.response ?? "").join(""), ...thought }
  return { ...last, ...written, ...(logprobs.length === 0 ? {} : { logprobs }) }
}

const BODIES = {
  chat: { model: "tiny", messages: [{ role: "user", content: "hello" }] },
  generate: { model: "tiny", prompt: "hello" },
} as const

test.each(["chat", "generate"] as const)("/api/%s: the stream's text is the whole text", async (form) => {
  await using fake = await createFakeApp()
  const path = `/api/${form}`
  const kinds = new Set<string>()
  await fc.assert(
    fc.asyncProperty(answer, async (events) => {
      // Calls have no place in the answer of `generate`, which sends no tools.
      const own = form === "chat" ? events : events.filter((event) => !event.type.startsWith("tool-call"))
      for (const event of own) kinds.add(event.type)
      const { app } = scriptApp(fake.app, own)
      const streamed = await callRoute(ollamaRoutes, app, { path, body: BODIES[form] })
      const whole = await callRoute(ollamaRoutes, app, { path, body: { ...BODIES[form], stream: false } })
      const frames = await readFrames(streamed)
      expect(frames.endsWith("\n")).toBe(true)
      const lines = frames
        .slice(0, -1)
        .split("\n")
        .map((line) => JSON.parse(line) as Line)
      expect(lines.map((line) => line.done)).toEqual(lines.map((_, at) => at === lines.length - 1))
      expect(whole).toMatchObject({ type: "json" })
      expect(join(lines, form)).toEqual(JSON.parse(JSON.stringify("body" in whole ? whole.body : undefined)))
    }),
    RUNS,
  )
  expect(kinds.size).toBeGreaterThanOrEqual(6)
})

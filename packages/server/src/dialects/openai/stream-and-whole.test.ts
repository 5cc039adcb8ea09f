// A stream and a whole answer say the same, whatever the events were.
import { createFakeApp } from "@fireside/app/testing"
import type { ChatEvent, TokenLogprob } from "@fireside/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { callRoute, readFrames } from "../../testing.ts"
import { scriptApp } from "../golden.fixture.ts"
import { openaiRoutes } from "./routes.ts"

const TIMINGS = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 9, decodeTokensPerSecond: 9, totalMs: 1 }

const text = fc.string({ unit: "grapheme", maxLength: 12 })
const logprobs: fc.Arbitrary<TokenLogprob[]> = fc.array(
  text.map((token) => ({ token, bytes: [1], logprob: -0.5, top: [] })),
  { maxLength: 3 },
)
const piece: fc.Arbitrary<readonly ChatEvent[]> = fc.oneof(
  fc.record({ type: fc.constant("text-delta" as const), text, logprobs }).map((event) => [event]),
  fc.record({ type: fc.constant("text-delta" as const), text }).map((event) => [event]),
  fc.record({ type: fc.constant("reasoning-delta" as const), text }).map((event) => [event]),
  fc.record({ type: fc.constant("notice" as const), message: text }).map((event) => [event]),
  fc
    .record({ callId: fc.uuid(), name: text, pieces: fc.array(text, { maxLength: 4 }) })
    .map(({ callId, name, pieces }) => [
      { type: "tool-call-start" as const, callId, name },
      ...pieces.map((each) => ({ type: "tool-call-delta" as const, callId, arguments: each })),
      { type: "tool-call-end" as const, callId },
    ]),
)
const answer = fc
  .record({
    pieces: fc.array(piece, { maxLength: 12 }),
    reason: fc.constantFrom("stop", "length", "tool-calls"),
    usage: fc.record({
      promptTokens: fc.nat(999),
      cachedTokens: fc.constant(0),
      completionTokens: fc.nat(999),
    }),
  })
  .map(({ pieces, reason, usage }): readonly ChatEvent[] => [
    { type: "start", model: "tiny", id: "1" },
    ...pieces.flat(),
    { type: "finish", reason, usage, timings: TIMINGS },
  ])
const answers = fc.array(answer, { minLength: 1, maxLength: 3 })

const SEEDED = { numRuns: 250, seed: 4 }

test("chat", async () => {
  await using fake = await createFakeApp()
  const body = { model: "tiny", messages: [{ role: "user", content: "Hi" }], logprobs: true }
  await fc.assert(
    fc.asyncProperty(answers, async (script) => {
      const ask = { ...body, n: script.length }
      const whole = await callWhole(fake, script, "/v1/chat/completions", ask)
      const joined = joinChat(await callStream(fake, script, "/v1/chat/completions", ask))
      expect(joined.usage).toEqual(whole.usage)
      expect(joined.choices).toEqual(
        whole.choices.map(({ message, logprobs: of, finish_reason }: Wire) => ({
          content: message.content ?? "",
          reasoning: message.reasoning_content ?? "",
          alias: message.reasoning ?? "",
          calls: message.tool_calls ?? [],
          tokens: of.content,
          finish: finish_reason,
        })),
      )
    }),
    SEEDED,
  )
})

test("completions", async () => {
  await using fake = await createFakeApp()
  await fc.assert(
    fc.asyncProperty(answers, fc.boolean(), async (script, echo) => {
      const ask = { model: "tiny", prompt: "Hi", n: script.length, ...(echo ? { echo } : { logprobs: 0 }) }
      const whole = await callWhole(fake, script, "/v1/completions", ask)
      const chunks = await callStream(fake, script, "/v1/completions", ask)
      expect(chunks.at(-1)?.usage).toEqual(whole.usage)
      for (const choice of whole.choices) {
        const own = chunks.flatMap((chunk) => chunk.choices).filter((it) => it.index === choice.index)
        expect(own.map((it) => it.text).join("")).toBe(choice.text)
        expect(own.map((it) => it.reasoning_content ?? "").join("")).toBe(choice.reasoning_content ?? "")
        expect(own.at(-1)?.finish_reason).toBe(choice.finish_reason)
        if (!echo) {
          const offsets = own.flatMap((it) => it.logprobs?.text_offset ?? [])
          expect(offsets).toEqual(choice.logprobs.text_offset)
        }
      }
    }),
    SEEDED,
  )
})

// The answers under test are read as a client reads them: without types.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Wire = any

type Fake = Awaited<ReturnType<typeof createFakeApp>>
type Script = readonly (readonly ChatEvent[])[]

async function callWhole(fake: Fake, script: Script, path: string, body: object): Promise<Wire> {
  const { app } = scriptApp(fake.app, script)
  const reply = await callRoute(openaiRoutes, app, { path, body })
  if (reply.type !== "json") throw new Error(`a ${reply.type} reply`)
  return JSON.parse(JSON.stringify(reply.body))
}

async function callStream(fake: Fake, script: Script, path: string, body: object): Promise<Wire[]> {
  const { app } = scriptApp(fake.app, script)
  const asked = { ...body, stream: true, stream_options: { include_usage: true } }
  const frames = (await readFrames(await callRoute(openaiRoutes, app, { path, body: asked }))).split("\n\n")
  expect(frames.splice(-2)).toEqual(["data: [DONE]", ""])
  return frames.map((frame) => JSON.parse(frame.slice("data: ".length)))
}

/** As the official client joins the chunks of a stream. */
function joinChat(chunks: readonly Wire[]): Wire {
  const choices: Wire[] = []
  for (const { index, delta, logprobs: of, finish_reason } of chunks.flatMap((chunk) => chunk.choices)) {
    choices[index] ??= { content: "", reasoning: "", alias: "", calls: [], tokens: [], finish: null }
    const choice = choices[index]
    choice.content += delta.content ?? ""
    choice.reasoning += delta.reasoning_content ?? ""
    choice.alias += delta.reasoning ?? ""
    choice.tokens.push(...(of?.content ?? []))
    choice.finish = finish_reason ?? choice.finish
    for (const { index: at, function: called, ...call } of delta.tool_calls ?? []) {
      choice.calls[at] ??= { ...call, function: { name: called.name, arguments: "" } }
      choice.calls[at].function.arguments += called.arguments
    }
  }
  return { choices, usage: chunks.at(-1).usage }
}

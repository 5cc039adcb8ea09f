// Answers of any shape that engines may give, for properties.
import type { ChatEvent } from "@fireside/protocol"
import fc from "fast-check"

const TIMINGS = { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 2 }

/** From `start` to `finish`: text, reasoning and calls in any order and cut anywhere, with notices and progress between them. */
export function chatEvents(): fc.Arbitrary<readonly ChatEvent[]> {
  return fc
    .record({
      parts: fc.array(part(), { maxLength: 8 }),
      reason: fc.constantFrom("stop" as const, "length" as const, "tool-calls" as const),
      stopString: fc.option(fc.constant("END"), { nil: undefined }),
      usage: fc.record({
        promptTokens: fc.nat(1_000).map((count) => count + 1_000),
        cachedTokens: fc.nat(1_000),
        completionTokens: fc.nat(1_000),
      }),
    })
    .map(({ parts, reason, stopString, usage }) => {
      const events: ChatEvent[] = [{ type: "start", model: "tiny:latest", id: "gen-1" }]
      for (const [at, make] of parts.entries()) events.push(...make(`call_${at}`))
      const stop = reason === "stop" && stopString !== undefined ? { stopString } : {}
      events.push({ type: "finish", reason, ...stop, usage, timings: TIMINGS })
      return events
    })
}

type Part = (callId: string) => ChatEvent[]

function part(): fc.Arbitrary<Part> {
  const text = fc.string({ unit: "grapheme", maxLength: 6 })
  const pieces = fc.array(text, { maxLength: 4 })
  const argumentsText = fc.oneof(
    fc
      .dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
      .map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 8 }),
  )
  return fc.oneof(
    pieces.map(
      (all): Part =>
        () =>
          all.map((piece) => ({ type: "text-delta", text: piece })),
    ),
    pieces.map(
      (all): Part =>
        () =>
          all.map((piece) => ({ type: "reasoning-delta", text: piece })),
    ),
    fc.tuple(argumentsText, fc.nat(8), fc.boolean()).map(
      ([written, cut, ends]): Part =>
        (callId) => [
          { type: "tool-call-start", callId, name: "f" },
          { type: "tool-call-delta", callId, arguments: written.slice(0, cut) },
          { type: "tool-call-delta", callId, arguments: written.slice(cut) },
          ...(ends ? [{ type: "tool-call-end", callId } as const] : []),
        ],
    ),
    fc.constant<Part>(() => [{ type: "notice", message: "n" }]),
    fc.constant<Part>(() => [{ type: "prompt-progress", doneTokens: 1, totalTokens: 2 }]),
  )
}

import { createFakeClock } from "@fireside/host/testing"
import type { ChatEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { createAnswerSpeeds } from "./answer-speeds.ts"

async function* play(events: readonly ChatEvent[], before: () => void): AsyncIterable<ChatEvent> {
  for (const event of events) {
    before()
    yield event
  }
}
const start: ChatEvent = { type: "start", model: "tiny", id: "1" }
const piece: ChatEvent = { type: "text-delta", text: "a" }

async function read(events: AsyncIterable<ChatEvent>): Promise<readonly ChatEvent[]> {
  const seen: ChatEvent[] = []
  for await (const event of events) seen.push(event)
  return seen
}

test("pieces of the last seconds, and none after they are over", async () => {
  const clock = createFakeClock()
  const speeds = createAnswerSpeeds(clock)
  expect(speeds.of("tiny")).toBeNull()
  const events = [start, ...Array<ChatEvent>(20).fill(piece)]
  expect(await read(speeds.follow(play(events, () => clock.advance(100))))).toEqual(events)
  // Twenty in the 1.9 seconds since the first.
  expect(speeds.of("tiny")).toBeCloseTo(20 / 1.9)
  expect(speeds.of("other")).toBeNull()
  clock.advance(1_500)
  expect(speeds.of("tiny")).toBeLessThan(7)
  clock.advance(3_000)
  expect(speeds.of("tiny")).toBeNull()
})

test("a first piece alone is one a second, and answers at once add up", async () => {
  const clock = createFakeClock()
  const speeds = createAnswerSpeeds(clock)
  const reasoning: ChatEvent = { type: "reasoning-delta", text: "b" }
  await read(speeds.follow(play([start, piece], () => {})))
  expect(speeds.of("tiny")).toBe(1)
  await read(speeds.follow(play([start, reasoning, piece], () => {})))
  expect(speeds.of("tiny")).toBe(3)
})

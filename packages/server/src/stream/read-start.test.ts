import type { ChatEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { readStart } from "./read-start.ts"

const START: ChatEvent = {
  type: "start",
  model: "m",
  id: "1",
  dropped: { policy: "drop-oldest", messages: 1, tokens: 2 },
}
const TEXT: ChatEvent = { type: "text-delta", text: "x" }

function scripted(events: readonly ChatEvent[]) {
  const state = { ended: false }
  async function* play(): AsyncGenerator<ChatEvent> {
    try {
      yield* events
    } finally {
      state.ended = true
    }
  }
  return { state, events: play() }
}

test("every event is there, the first too", async () => {
  const started = await readStart(scripted([START, TEXT]).events)
  expect(started.dropped).toEqual({ policy: "drop-oldest", messages: 1, tokens: 2 })
  const read: ChatEvent[] = []
  for await (const event of started.events) read.push(event)
  expect(read).toEqual([START, TEXT])
})

test("stopping to read ends the work behind it", async () => {
  const { state, events } = scripted([START, TEXT, TEXT])
  for await (const _ of (await readStart(events)).events) break
  expect(state.ended).toBe(true)
})

test("an answer without `start` is a mistake of ours", async () => {
  const { state, events } = scripted([TEXT, TEXT])
  await expect(readStart(events)).rejects.toThrow("start")
  expect(state.ended).toBe(true)
})

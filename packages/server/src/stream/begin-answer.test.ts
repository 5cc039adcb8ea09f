import type { ChatEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { beginAnswer } from "./begin-answer.ts"

const START: ChatEvent = {
  type: "start",
  model: "m",
  id: "1",
  dropped: { policy: "drop-oldest", messages: 1, tokens: 2 },
}
const NOTICE: ChatEvent = { type: "notice", message: "n" }
const TEXT: ChatEvent = { type: "text-delta", text: "x" }
const TOO_LONG: ChatEvent = {
  type: "error",
  code: "context-overflow",
  message: "Too long.",
  hint: "Shorten it.",
  details: { contextLength: 8 },
}

function scripted(events: readonly ChatEvent[]) {
  const state = { played: 0, ended: false }
  async function* play(): AsyncGenerator<ChatEvent> {
    try {
      for (const event of events) {
        state.played += 1
        yield event
      }
    } finally {
      state.ended = true
    }
  }
  return { state, events: play() }
}

test("reads to the first thing that is said, and every event is there", async () => {
  const { state, events } = scripted([START, NOTICE, TEXT, TEXT])
  const begun = await beginAnswer(events)
  expect(state.played).toBe(3)
  expect(begun.start).toEqual(START)
  const read: ChatEvent[] = []
  for await (const event of begun.events) read.push(event)
  expect(read).toEqual([START, NOTICE, TEXT, TEXT])
})

test("an error before the answer is thrown, whole, and the work behind it ends", async () => {
  const { state, events } = scripted([START, NOTICE, TOO_LONG, TEXT])
  const { type: _, ...body } = TOO_LONG
  await expect(beginAnswer(events)).rejects.toMatchObject(body)
  expect(state.ended).toBe(true)
})

test("an error after the answer has begun is an event", async () => {
  const read: ChatEvent[] = []
  for await (const event of (await beginAnswer(scripted([START, TEXT, TOO_LONG]).events)).events)
    read.push(event)
  expect(read.at(-1)).toEqual(TOO_LONG)
})

test("stopping to read ends the work behind it", async () => {
  const { state, events } = scripted([START, TEXT, TEXT])
  for await (const _ of (await beginAnswer(events)).events) break
  expect(state.ended).toBe(true)
})

test.each([[[TEXT, TEXT]], [[NOTICE, START, TEXT]]])(
  "an answer without `start` at its head is a mistake of ours",
  async (script) => {
    const { state, events } = scripted(script)
    await expect(beginAnswer(events)).rejects.toThrow("start")
    expect(state.ended).toBe(true)
  },
)

test("so is an empty one", async () => {
  await expect(beginAnswer(scripted([]).events)).rejects.toThrow("start")
})

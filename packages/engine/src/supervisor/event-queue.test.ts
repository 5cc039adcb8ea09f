import type { ChatEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { EventQueue } from "./event-queue.ts"

const text = (length: number): ChatEvent => ({ type: "text-delta", text: "x".repeat(length) })
const QUIET = { onSlow: () => {}, onFlood: () => {} }
const END: ChatEvent = { type: "error", code: "interrupted", message: "" }

test("events come in order, and nothing after the end", async () => {
  const queue = new EventQueue(QUIET)
  queue.push(text(1))
  queue.push(END)
  queue.push(text(2))
  const seen: ChatEvent[] = []
  for await (const event of queue) seen.push(event)
  expect(seen).toEqual([text(1), END])
})

test("a reader that waits is woken", async () => {
  const queue = new EventQueue(QUIET)
  const reader = queue[Symbol.asyncIterator]()
  const first = reader.next()
  queue.push(text(3))
  expect((await first).value).toEqual(text(3))
})

test("a slow reader is told of once, and again when it has caught up", async () => {
  const calls: boolean[] = []
  const queue = new EventQueue({ ...QUIET, onSlow: (slow) => void calls.push(slow) })
  for (let count = 0; count < 4; count++) queue.push(text(64 * 1_024 - 32))
  expect(calls).toEqual([])
  queue.push(text(1))
  queue.push(text(1))
  expect(calls).toEqual([true])
  const reader = queue[Symbol.asyncIterator]()
  for (let count = 0; count < 3; count++) await reader.next()
  expect(calls).toEqual([true])
  await reader.next()
  expect(calls).toEqual([true, false])
})

test.each([
  ["text", { type: "text-delta", text: "x".repeat(1024 * 1024) }],
  [
    "log-probabilities",
    {
      type: "text-delta",
      text: "",
      logprobs: [
        {
          token: "",
          bytes: [],
          logprob: 0,
          top: [{ token: "x".repeat(1024 * 1024), bytes: [], logprob: 0 }],
        },
      ],
    },
  ],
] satisfies [string, ChatEvent][])(
  "%s that comes though the model was paused is told of once",
  (_name, event) => {
    let floods = 0
    const queue = new EventQueue({ ...QUIET, onFlood: () => void floods++ })
    for (let count = 0; count < 7; count++) queue.push(event)
    expect(floods).toBe(0)
    for (let count = 0; count < 7; count++) queue.push(event)
    expect(floods).toBe(1)
  },
)

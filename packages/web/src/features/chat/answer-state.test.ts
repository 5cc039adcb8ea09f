import type { ChatEvent, WaitEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { NEW_ANSWER, withEvent } from "./answer-state.ts"

const fold = (...events: (WaitEvent | ChatEvent)[]) => events.reduce(withEvent, NEW_ANSWER)

test("an answer goes through its phases, each with its number", () => {
  const events: (WaitEvent | ChatEvent)[] = [
    { type: "queue-progress", position: 2, waiting: 3 },
    { type: "load-progress", model: "m", fraction: 0.5 },
    { type: "start", model: "m", id: "1" },
    { type: "prompt-progress", doneTokens: 128, totalTokens: 300 },
    { type: "text-delta", text: "Hi" },
  ]
  expect(events.map((_, at) => fold(...events.slice(0, at + 1)).phase.type)).toEqual([
    "queued",
    "loading",
    "loading",
    "reading",
    "writing",
  ])
})

test("text and reasoning are kept apart, in order", () => {
  const state = fold(
    { type: "reasoning-delta", text: "a" },
    { type: "text-delta", text: "x" },
    { type: "reasoning-delta", text: "b" },
    { type: "text-delta", text: "y" },
  )
  expect([state.text, state.reasoning]).toEqual(["xy", "ab"])
})

test("an end keeps what there was", () => {
  const failed = fold(
    { type: "text-delta", text: "half" },
    { type: "error", code: "engine-crashed", message: "It ended." },
  )
  expect(failed).toMatchObject({ text: "half", phase: { type: "failed", message: "It ended." } })
})

import type { ChatEvent } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { takeTurn, useAnswerStates, useFailures, useRunningAnswers } from "./running-answers.ts"

let frames: (() => void)[] = []
const { requestAnimationFrame: before } = globalThis

beforeEach(() => {
  frames = []
  globalThis.requestAnimationFrame = (callback) => frames.push(() => callback(0))
})
afterEach(() => {
  globalThis.requestAnimationFrame = before
})

const text = (): string | undefined => useAnswerStates.getState().byConversation.c?.text

async function* words(count: number): AsyncGenerator<ChatEvent> {
  yield { type: "start", model: "m", id: "a1" }
  for (let at = 0; at < count; at++) yield { type: "text-delta", text: "x" }
}

test("however much comes, it is drawn once a frame, and what tells that a turn runs stays the same", async () => {
  const drawn: (string | undefined)[] = []
  const turns = new Set<unknown>()
  const stop = [
    useAnswerStates.subscribe(() => void drawn.push(text())),
    useRunningAnswers.subscribe(({ byConversation: { c } }) => void turns.add(c)),
  ]
  await takeTurn("c", {
    ask: async function* () {
      yield* words(100)
      expect(frames).toHaveLength(1)
      // The time that the last drawing is rested from.
      while (frames.length > 0) for (const frame of frames.splice(0)) frame()
      expect(text()).toBe("x".repeat(100))
      yield* words(50)
      expect(frames).toHaveLength(1)
    },
    onEnd: () => {},
  })
  for (const end of stop) end()
  expect(drawn).toEqual(["", "x".repeat(100), "x".repeat(150), undefined])
  expect([...turns]).toEqual([expect.objectContaining({ question: undefined }), undefined])
})

test("what went wrong stays until the next turn", async () => {
  const failing = {
    ask: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("x")) }) }),
  }
  await takeTurn("c", { ...failing, onEnd: () => {} })
  expect(useFailures.getState().byConversation.c?.phase).toMatchObject({ type: "failed", message: "x" })
  expect(useRunningAnswers.getState().byConversation).toEqual({})
  await takeTurn("c", { ask: () => words(1), onEnd: () => {} })
  expect(useFailures.getState().byConversation).toEqual({})
  expect(useAnswerStates.getState().byConversation).toEqual({})
})

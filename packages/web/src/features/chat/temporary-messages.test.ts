import { expect, test } from "vitest"
import { NEW_ANSWER } from "./answer-state.ts"
import { toStored } from "./temporary-messages.ts"

test("an answer that was stopped is partial, one that ended is complete", () => {
  const message = { role: "assistant", content: "x" } as const
  expect(toStored(message, "1", { ...NEW_ANSWER, phase: { type: "writing" } })).toMatchObject({
    state: "partial",
  })
  expect(toStored(message, "1", { ...NEW_ANSWER, phase: { type: "done", reason: "stop" } })).toMatchObject({
    state: "complete",
    parentId: "1",
  })
})

test("its thoughts are kept beside it, and each message has an id of its own", () => {
  const first = toStored({ role: "assistant", content: "x" }, null, { ...NEW_ANSWER, reasoning: "hm" })
  expect(first.message).toEqual({ role: "assistant", content: "x", reasoning: "hm" })
  expect(toStored({ role: "user", content: "x" }, null).id).not.toBe(first.id)
})

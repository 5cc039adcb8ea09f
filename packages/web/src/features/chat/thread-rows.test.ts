import type { StoredMessage } from "@fireside/protocol"
import { expect, test } from "vitest"
import { NEW_ANSWER } from "./answer-state.ts"
import type { ShownMessage } from "./message-tree.ts"
import { type ThreadRowsInput, threadRows } from "./thread-rows.ts"

const message = (id: string, parentId: string | null, content = id): ShownMessage => ({
  stored: {
    id,
    parentId,
    message: { role: id.startsWith("q") ? "user" : "assistant", content },
  } as StoredMessage,
  versions: [id],
})
const PATH = [message("q1", null), message("a1", "q1"), message("q2", "a1"), message("a2", "q2")]
const turn = (question: string | undefined, parentId: string | null | undefined) => ({
  question,
  parentId,
})

const keys = (input: Partial<ThreadRowsInput>): string =>
  threadRows({
    path: PATH,
    conversationId: "c",
    running: undefined,
    runningId: undefined,
    failure: undefined,
    ...input,
  })
    .map(({ key, content }) => (content.type === "stored" ? key : `${content.type}:${key}`))
    .join(" ")

test("the stored path, and what went wrong after it", () => {
  expect(keys({})).toBe("q1 a1 q2 a2")
  expect(keys({ failure: NEW_ANSWER })).toBe("q1 a1 q2 a2 failed:failed")
})

test("a new question and its answer come at the end; stored meanwhile, the question is shown once", () => {
  const running = turn("q3", "a2")
  expect(keys({ running })).toBe("q1 a1 q2 a2 asked:asked running:running")
  expect(keys({ running, path: [...PATH, message("q3", "a2")], runningId: "a3" })).toBe(
    "q1 a1 q2 a2 q3 running:a3",
  )
})

test("the answer has one row from its first word until it is stored, also when it is stored before the turn is over", () => {
  const path = [...PATH, message("q3", "a2"), message("a3", "q3")]
  expect(keys({ running: turn("q3", "a2"), runningId: "a3", path })).toBe("q1 a1 q2 a2 q3 running:a3")
  expect(keys({ path })).toBe("q1 a1 q2 a2 q3 a3")
})

test("the version before makes room", () => {
  expect(keys({ running: turn(undefined, "q1"), runningId: "b1" })).toBe("q1 running:b1")
  expect(keys({ running: turn("other", "a1") })).toBe("q1 a1 asked:asked running:running")
})

test("the first question of all has no message before it", () => {
  expect(keys({ path: [], running: turn("q1", undefined) })).toBe("asked:asked running:running")
  const path = [message("q1", null), message("a1", "q1")]
  expect(keys({ path, running: turn("q1", undefined), runningId: "a1" })).toBe("q1 running:a1")
})

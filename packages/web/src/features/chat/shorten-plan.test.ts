import type { StoredMessage } from "@fireside/protocol"
import { expect, test } from "vitest"
import { planShortening } from "./shorten-plan.ts"

const says = (id: string, characters: number): StoredMessage =>
  ({
    id,
    message: { role: id.startsWith("q") ? "user" : "assistant", content: "x".repeat(characters) },
  }) as StoredMessage
const PATH = [
  says("q1", 100),
  says("a1", 300),
  says("q2", 100),
  says("a2", 300),
  says("q3", 100),
  says("a3", 100),
]
const TAKEN = { shortened: null, usedTokens: 1_000, contextLength: 1_100 }

test("whole turns go from the front, until half of the context is free", () => {
  const plan = planShortening(PATH, TAKEN)
  expect(plan).toMatchObject({ from: "q3", goneTokens: 800, keptTokens: 200 })
  expect(plan?.gone.map(({ id }) => id)).toEqual(["q1", "a1", "q2", "a2"])
  expect(planShortening(PATH, { ...TAKEN, contextLength: 1_200 })).toMatchObject({
    from: "q2",
    keptTokens: 600,
  })
})

test("what is not sent already does not count, and the last question stays however long it is", () => {
  const shortened = { from: "q2", summary: "", at: "" }
  expect(planShortening(PATH, { ...TAKEN, shortened })?.gone.map(({ id }) => id)).toEqual(["q2", "a2"])
  const long = [says("q1", 1), says("a1", 1), says("q2", 9_000)]
  expect(planShortening(long, TAKEN)).toMatchObject({ from: "q2" })
})

test.each([[[]], [[says("q1", 10), says("a1", 10)]]])("one question alone cannot be shortened", (path) => {
  expect(planShortening(path, TAKEN)).toBeUndefined()
})

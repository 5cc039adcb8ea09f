import type { StoredMessage } from "@fireside/protocol"
import { expect, test } from "vitest"
import { contextUse } from "./context-use.ts"

const answer = (promptTokens: number, completionTokens: number): StoredMessage =>
  ({ usage: { promptTokens, cachedTokens: 0, completionTokens } }) as StoredMessage
const question = { usage: null } as StoredMessage

test("the last answer tells how much is taken", () => {
  expect(contextUse([question, answer(10, 20), question, answer(100, 100), question], 1_000)).toEqual({
    usedTokens: 200,
    fraction: 0.2,
    isNearlyFull: false,
  })
})

test("it warns at 85 %, and is never more than full", () => {
  expect(contextUse([answer(840, 10)], 1_000)).toMatchObject({ isNearlyFull: true, fraction: 0.85 })
  expect(contextUse([answer(5_000, 0)], 1_000)?.fraction).toBe(1)
})

test.each([
  [[], 1_000],
  [[question], 1_000],
  [[answer(1, 1)], undefined],
])("nothing is said before it is known", (messages, length) => {
  expect(contextUse(messages, length)).toBeUndefined()
})

test("what was told before the history was shortened counts by its share, what was told after it as it is", () => {
  const said = (id: string, createdAt: string, characters: number) => ({
    ...{ id, createdAt, usage: { promptTokens: 800, cachedTokens: 0, completionTokens: 200 } },
    message: { role: "user", content: "x".repeat(characters) },
  })
  const messages = [said("1", "2026-01-01", 75), said("2", "2026-01-02", 25)] as unknown as StoredMessage[]
  const cut = { from: "2", summary: "", at: "2026-01-03" }
  expect(contextUse(messages, 1_000, cut)).toMatchObject({ usedTokens: 250, isNearlyFull: false })
  expect(contextUse(messages, 1_000, { ...cut, at: "2026-01-01" })).toMatchObject({ usedTokens: 1_000 })
  // On a branch without the message of the cut everything is sent.
  expect(contextUse(messages, 1_000, { ...cut, from: "3" })).toMatchObject({ usedTokens: 1_000 })
})

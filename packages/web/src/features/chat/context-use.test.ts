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

import { expect, test } from "vitest"
import { remembered } from "./remembered.ts"

function counted(most: number) {
  const asked: number[] = []
  const ask = remembered(
    (key) => {
      asked.push(key)
      if (key < 0) throw new Error("no such key")
      return key === 7 ? undefined : key * 2
    },
    { most },
  )
  return { asked, ask }
}

test("each key is asked for once, also one without a value", () => {
  const { asked, ask } = counted(10)
  expect([1, 7, 1, 7, 2].map(ask)).toEqual([2, undefined, 2, undefined, 4])
  expect(asked).toEqual([1, 7, 2])
})

test("with more keys than it keeps it begins anew, and is right", () => {
  const { asked, ask } = counted(2)
  expect([1, 2, 3, 3, 1].map(ask)).toEqual([2, 4, 6, 6, 2])
  expect(asked).toEqual([1, 2, 3, 1])
})

test("what is thrown is thrown again", () => {
  const { asked, ask } = counted(10)
  expect(() => ask(-1)).toThrow("no such key")
  expect(() => ask(-1)).toThrow("no such key")
  expect(asked).toEqual([-1, -1])
})

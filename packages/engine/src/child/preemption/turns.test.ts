import { expect, test } from "vitest"
import { createTurns } from "./turns.ts"

test("the first one is due when those who read have waited for the least time", () => {
  const turns = createTurns(1_000)
  expect(turns.isDue(1_119)).toBe(false)
  expect(turns.isDue(1_120)).toBe(true)
})

test("long turns are further apart: the prompt keeps five sixths of the time", () => {
  const turns = createTurns(0)
  turns.record(200, 300)
  expect(turns.isDue(799)).toBe(false)
  expect(turns.isDue(800)).toBe(true)
  turns.record(800, 804)
  expect(turns.isDue(923)).toBe(false)
  expect(turns.isDue(924)).toBe(true)
})

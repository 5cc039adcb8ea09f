import { expect, test } from "vitest"
import { createTurns } from "./turns.ts"

test("the first one is due when those who read have waited for the least time", () => {
  const turns = createTurns(1_000)
  expect(turns.isDue(1_119)).toBe(false)
  expect(turns.isDue(1_120)).toBe(true)
})

test("long turns are further apart: the prompt keeps nine tenths of the time", () => {
  const turns = createTurns(0)
  turns.record(200, 300)
  expect(turns.isDue(1_199)).toBe(false)
  expect(turns.isDue(1_200)).toBe(true)
  turns.record(2_000, 2_004)
  expect(turns.isDue(2_123)).toBe(false)
  expect(turns.isDue(2_124)).toBe(true)
})

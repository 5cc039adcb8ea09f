import { expect, test } from "vitest"
import { createTurns } from "./turns.ts"

test("the first one is due when those who read have waited for the least time", () => {
  const turns = createTurns(1_000)
  expect(turns.isDue(1_119)).toBe(false)
  expect(turns.isDue(1_120)).toBe(true)
})

test("long turns are further apart: the prompt keeps six sevenths of the time", () => {
  const turns = createTurns(0)
  turns.record(200, 300)
  expect(turns.isDue(899)).toBe(false)
  expect(turns.isDue(900)).toBe(true)
  turns.record(1_000, 1_004)
  expect(turns.isDue(1_123)).toBe(false)
  expect(turns.isDue(1_124)).toBe(true)
})

import fc from "fast-check"
import { expect, test } from "vitest"
import { createStepCosts, type StepCosts } from "./step-costs.ts"

function measured(times: Readonly<Record<number, number>>): StepCosts {
  const costs = createStepCosts()
  // A size is learnt against a guess, so it takes some steps.
  for (const [rows, ms] of Object.entries(times))
    for (let step = 0; step < 60; step++) costs.record(Number(rows), ms)
  return costs
}

test("nothing is expected before anything was measured", () => {
  expect(createStepCosts().ms(4)).toBe(0)
})

test("sizes that were measured, what lies between them, and a low guess beyond", () => {
  const costs = measured({ 1: 10, 4: 20 })
  expect(costs.ms(1)).toBeCloseTo(10, 1)
  expect(costs.ms(4)).toBeCloseTo(20, 1)
  expect(costs.ms(2)).toBeCloseTo(14.14, 1)
  expect(costs.ms(16)).toBeCloseTo(40, 1)
})

test("the first steps of a size tell most of its cost, none of them alone", () => {
  const costs = measured({ 1: 10 })
  const seen = Array.from({ length: 4 }, () => {
    costs.record(4, 30)
    return Math.round(costs.ms(4))
  })
  expect(seen).toEqual([23, 25, 26, 27])
})

test("a disturbed step says nothing, three of them do", () => {
  const costs = measured({ 1: 10 })
  costs.record(1, 100)
  costs.record(1, 100)
  expect(costs.ms(1)).toBeCloseTo(10, 1)
  costs.record(1, 10)
  costs.record(1, 100)
  costs.record(1, 100)
  expect(costs.ms(1)).toBeCloseTo(10, 1)
  costs.record(1, 100)
  expect(costs.ms(1)).toBe(100)
})

test("a size that is never used again is forgotten, so that it is tried again", () => {
  const costs = measured({ 1: 10, 4: 200 })
  for (let step = 0; step < 260; step++) costs.record(1, 10)
  expect(costs.ms(4)).toBeCloseTo(20, 1)
})

test("what was measured far deeper is forgotten, what was measured less deep is not", () => {
  const costs = createStepCosts()
  costs.begin(1_000)
  costs.record(8, 80)
  costs.begin(372)
  expect(costs.ms(8)).toBe(80)
  costs.begin(371)
  expect(costs.ms(8)).toBe(0)
  costs.record(4, 20)
  costs.begin(8_000)
  expect(costs.ms(4)).toBe(20)
})

test("what is expected lies between the fastest and the slowest step of the neighbours", () => {
  const step = fc.record({
    rows: fc.integer({ min: 1, max: 64 }),
    ms: fc.double({ min: 1, max: 50, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), fc.integer({ min: 1, max: 64 }), (steps, asked) => {
      const costs = createStepCosts()
      for (const { rows, ms } of steps) costs.record(rows, ms)
      const largest = Math.max(...steps.map(({ rows }) => rows))
      const smallest = Math.min(...steps.map(({ rows }) => rows))
      // Guesses reach from one end of the sizes to the other, and no further.
      const reach = Math.sqrt(Math.max(largest, asked) / Math.min(smallest, asked))
      expect(costs.ms(asked)).toBeGreaterThanOrEqual(1 / reach ** 2)
      expect(costs.ms(asked)).toBeLessThanOrEqual(50 * reach ** 2)
    }),
  )
})

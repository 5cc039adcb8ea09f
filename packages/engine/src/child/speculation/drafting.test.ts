import { expect, test } from "vitest"
import { createDrafting, type DraftableStream, type Drafting } from "./drafting.ts"
import { createStepCosts, type StepCosts } from "./step-costs.ts"

function draftingWith(costs: StepCosts): Drafting {
  return createDrafting({ costs, capacity: 64, ownCells: () => true })
}

/** Sixteen rows for four times the time of one. */
function cheapCosts(): StepCosts {
  const costs = createStepCosts()
  for (let step = 0; step < 100; step++) for (const rows of [1, 4, 16]) costs.record(rows, 10 * rows ** 0.5)
  return costs
}

function stream(tokens: number[], draftLimit = 100): DraftableStream & { tokens: number[] } {
  return { tokens, draftLimit }
}

const PASSAGE = Array.from({ length: 40 }, (_, place) => 100 + place)

test("a long match is guessed on, a text without repetition is not", () => {
  const copying = stream([...PASSAGE, 1, ...PASSAGE.slice(0, 20)])
  const [draft] = draftingWith(cheapCosts()).guess([copying])
  expect(draft?.length).toBeGreaterThan(3)
  expect(draft).toEqual(PASSAGE.slice(20, 20 + (draft?.length ?? 0)))
  expect(draftingWith(cheapCosts()).guess([stream(PASSAGE)])).toEqual([[]])
})

test("nothing is guessed for a stream that wants nothing, or before steps were measured", () => {
  const tokens = [...PASSAGE, ...PASSAGE.slice(0, 20)]
  expect(draftingWith(cheapCosts()).guess([stream(tokens, 0)])).toEqual([[]])
  expect(draftingWith(cheapCosts()).guess([stream(tokens, 2)])).toEqual([PASSAGE.slice(20, 22)])
  expect(draftingWith(createStepCosts()).guess([stream(tokens)])).toEqual([[]])
})

test("it stops when its guesses are wrong, and begins again when they would have been right", () => {
  const drafting = draftingWith(cheapCosts())
  const copying = stream([...PASSAGE, 1, ...PASSAGE.slice(0, 20)])
  const drafted = () => drafting.guess([copying])[0]?.length ?? 0
  expect(drafted()).toBeGreaterThan(0)
  let wrong = 0
  for (; drafted() > 0 && wrong < 200; wrong++)
    // Another token comes than was guessed, and then the same place of the passage again.
    copying.tokens.push(1_000 + wrong, ...PASSAGE.slice(0, 20))
  expect(wrong).toBeLessThan(60)
  let right = 0
  for (; drafted() === 0 && right < 200; right++) copying.tokens.push(PASSAGE[(20 + right) % 40] ?? 0)
  expect(right).toBeLessThan(60)
})

test("a step that brought nothing teaches nothing", () => {
  const drafting = draftingWith(cheapCosts())
  const copying = stream([...PASSAGE, 1, ...PASSAGE.slice(0, 20)])
  const [first] = drafting.guess([copying])
  for (let step = 0; step < 50; step++) expect(drafting.guess([copying])).toEqual([first])
})

test("the time of several passes is shared as they were expected", () => {
  const costs = createStepCosts()
  const drafting = draftingWith(costs)
  for (let step = 0; step < 60; step++) drafting.record([2], 10)
  for (let step = 0; step < 60; step++) drafting.record([8], 30)
  // Two passes of 2 rows and 8, both half as slow again; learning of one changes what is expected of the other's share.
  for (let step = 0; step < 200; step++) drafting.record([1, 9], 60)
  expect(costs.ms(2)).toBeCloseTo(15, 0)
  expect(costs.ms(8)).toBeCloseTo(45, 0)
})

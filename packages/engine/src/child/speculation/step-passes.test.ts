import { expect, test } from "vitest"
import { stepPasses } from "./step-passes.ts"

test.each([
  { rows: [], own: [], shared: [0] },
  { rows: [5], own: [5], shared: [5] },
  { rows: [1, 1, 1], own: [3], shared: [3] },
  { rows: [1, 1, 4], own: [3, 3], shared: [6] },
  { rows: [4, 4], own: [8], shared: [8] },
  { rows: [2, 7, 1], own: [3, 2, 5], shared: [10] },
])("$rows", ({ rows, own, shared }) => {
  expect(stepPasses(rows, true)).toEqual(own)
  expect(stepPasses(rows, false)).toEqual(shared)
})

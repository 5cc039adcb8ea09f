import { expect, test } from "vitest"
import { createBlockWorth } from "./block-worth.ts"

const DEPTH = 700

test("before anything was measured a block is worth 52 rows", () => {
  expect(createBlockWorth().leastRows(0)).toBe(52)
  expect(createBlockWorth().leastRows(1.5)).toBe(52)
})

test("both measured: as many rows as take the time of a block", () => {
  const worth = createBlockWorth()
  worth.record({ rows: 45, depth: DEPTH, durationMs: 225 })
  worth.record({ rows: 64, depth: DEPTH, durationMs: 140 })
  expect(worth.leastRows(1.5)).toBe(28)
})

test("where a block is dear few rows stay few, and the nearly whole ones try it again", () => {
  const worth = createBlockWorth()
  worth.record({ rows: 48, depth: DEPTH, durationMs: 117 })
  worth.record({ rows: 64, depth: DEPTH, durationMs: 300 })
  expect(worth.leastRows(1.5)).toBe(60)
})

test("a block that was never computed alone is judged by large batches, and never dearer than before", () => {
  const worth = createBlockWorth()
  worth.record({ rows: 20, depth: DEPTH, durationMs: 100 })
  expect(worth.leastRows(0)).toBe(52)
  expect(worth.leastRows(1.5)).toBe(29)
  expect(worth.leastRows(4)).toBe(52)
})

test("rows with little behind them, and too few of them, say nothing", () => {
  const worth = createBlockWorth()
  worth.record({ rows: 45, depth: 511, durationMs: 1_000 })
  worth.record({ rows: 15, depth: DEPTH, durationMs: 1_000 })
  worth.record({ rows: 64, depth: 100, durationMs: 1 })
  expect(worth.leastRows(1.5)).toBe(52)
})

test("the median of the last nine counts: one slow batch changes nothing, a new pace does", () => {
  const worth = createBlockWorth()
  for (let at = 0; at < 9; at += 1) worth.record({ rows: 40, depth: DEPTH, durationMs: 200 })
  worth.record({ rows: 40, depth: DEPTH, durationMs: 2_000 })
  worth.record({ rows: 64, depth: DEPTH, durationMs: 150 })
  expect(worth.leastRows(1.5)).toBe(30)
  for (let at = 0; at < 9; at += 1) worth.record({ rows: 40, depth: DEPTH, durationMs: 130 })
  expect(worth.leastRows(1.5)).toBe(47)
})

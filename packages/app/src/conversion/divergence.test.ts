import type { TokenScores } from "@fireside/engine"
import fc from "fast-check"
import { expect, test } from "vitest"
import { divergenceOf } from "./divergence.ts"

const scores = (rows: readonly (readonly number[])[]): TokenScores => ({
  kept: rows[0]?.length ?? 0,
  ids: Int32Array.from(rows.flatMap((row) => row.map((_, index) => index))),
  logProbabilities: Float32Array.from(rows.flat(), Math.log),
})

test("the same file does not differ from itself", () => {
  const own = scores([
    [0.6, 0.3],
    [0.9, 0.05],
  ])
  expect(divergenceOf(own, own)).toEqual({ kl: 0, sameTop: 1 })
})

test("what is known by hand, the rest as one token", () => {
  const original = scores([[0.5, 0.25]])
  const copy = scores([[0.25, 0.5]])
  const { kl, sameTop } = divergenceOf(original, copy)
  expect(kl).toBeCloseTo(0.5 * Math.log(2) + 0.25 * Math.log(0.5), 6)
  expect(sameTop).toBe(0)
})

test("is at most that of the whole distributions, and never below nothing", () => {
  const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(weights, weights, (a, b) => {
      const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0)
      const p = a.map((value) => value / sum(a))
      const q = b.map((value) => value / sum(b))
      const whole = sum(p.map((value, index) => value * Math.log(value / (q[index] ?? 1))))
      const { kl } = divergenceOf(scores([p.slice(0, 3)]), scores([q.slice(0, 3)]))
      expect(kl).toBeGreaterThanOrEqual(0)
      expect(kl).toBeLessThanOrEqual(whole + 1e-5)
    }),
  )
})

import { expect, test } from "vitest"
import { createHitRates } from "./hit-rates.ts"

test("a longer match is believed more before anything was seen", () => {
  const rates = createHitRates()
  const believed = [2, 3, 4, 6, 12, 24].map((length) => rates.rate(length))
  expect(believed).toEqual([0.3, 0.4, 0.55, 0.7, 0.85, 0.85])
})

test("what was seen moves the lengths of its bucket, and no others", () => {
  const rates = createHitRates()
  for (let draft = 0; draft < 20; draft++) rates.record(7, { hits: 8, tries: 8 })
  expect(rates.rate(11)).toBeGreaterThan(0.99)
  expect(rates.rate(12)).toBe(0.85)
  for (let draft = 0; draft < 60; draft++) rates.record(6, { hits: 0, tries: 1 })
  expect(rates.rate(7)).toBeLessThan(0.02)
})

test("eight guesses in one draft weigh like eight drafts of one", () => {
  const once = createHitRates()
  const often = createHitRates()
  once.record(4, { hits: 8, tries: 8 })
  for (let draft = 0; draft < 8; draft++) often.record(4, { hits: 1, tries: 1 })
  expect(once.rate(4)).toBeCloseTo(often.rate(4), 9)
  once.record(4, { hits: 0, tries: 0 })
  expect(once.rate(4)).toBeCloseTo(often.rate(4), 9)
})

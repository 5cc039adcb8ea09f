import { expect, test } from "vitest"
import { createHitRates, type HitRates } from "./hit-rates.ts"

const rate = (rates: HitRates, matchLength: number): number => rates.chances(matchLength, 1)[0] ?? 0

test("a longer match is believed more before anything was seen", () => {
  const rates = createHitRates()
  const believed = [2, 3, 4, 6, 12, 24, 48, 500].map((length) => rate(rates, length))
  expect(believed).toEqual([0.3, 0.4, 0.55, 0.7, 0.85, 0.93, 0.97, 0.97])
})

test("each guess of a draft has a match that is longer by one, and needs all before it", () => {
  const chances = createHitRates().chances(4, 4)
  const expected = [0.55, 0.55 ** 2, 0.55 ** 2 * 0.7, 0.55 ** 2 * 0.7 ** 2]
  expect(chances).toHaveLength(4)
  for (const [place, chance] of chances.entries()) expect(chance).toBeCloseTo(expected[place] ?? 0, 9)
})

test("what will hardly ever be right is left out", () => {
  expect(createHitRates().chances(2, 60)).toEqual([0.3, 0.3 * 0.4])
  expect(createHitRates().chances(48, 60)).toHaveLength(60)
})

test("what was seen moves the lengths of its bucket, and no others", () => {
  const rates = createHitRates()
  for (let draft = 0; draft < 60; draft++) rates.record(7, { hits: 4, tries: 4 })
  expect(rate(rates, 11)).toBe(0.998)
  expect(rate(rates, 12)).toBe(0.85)
  for (let draft = 0; draft < 60; draft++) rates.record(6, { hits: 0, tries: 1 })
  expect(rate(rates, 7)).toBe(0)
})

test("each guess of a draft is counted where its own match belongs", () => {
  const rates = createHitRates()
  rates.record(10, { hits: 3, tries: 4 })
  expect(rate(rates, 10)).toBeCloseTo(1 - 0.3 * 0.93 ** 2, 9)
  expect(rate(rates, 12)).toBeCloseTo((1 - 0.15 * 0.93) * 0.93, 9)
  rates.record(10, { hits: 0, tries: 0 })
  expect(rate(rates, 10)).toBeCloseTo(1 - 0.3 * 0.93 ** 2, 9)
})

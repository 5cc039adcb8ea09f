import type { ModelFit } from "@fireside/protocol"
import fc from "fast-check"
import { expect, test } from "vitest"
import { fitVerdictOf, paceOf, roundSpeed, scaleOf, shortCountOf } from "./fit-words.ts"

const fit = (change: Partial<ModelFit>): ModelFit => ({
  label: "fits",
  neededBytes: 1,
  availableBytes: 2,
  expectedTokensPerSecond: 10,
  hasDiskRoom: true,
  reasons: [],
  ...change,
})

test.each([
  ["unknown size", null, "unknown"],
  ["room and speed", fit({}), "fits"],
  ["slow", fit({ label: "slow" }), "slow"],
  ["memory", fit({ label: "will-not-fit" }), "will-not-fit"],
  ["disk", fit({ hasDiskRoom: false }), "no-disk-room"],
  ["slow and no disk", fit({ label: "slow", hasDiskRoom: false }), "no-disk-room"],
  ["neither memory nor disk", fit({ label: "will-not-fit", hasDiskRoom: false }), "will-not-fit"],
] as const)("verdict: %s", (_, of, verdict) => {
  expect(fitVerdictOf(of)).toBe(verdict)
})

test.each([
  [120, "instant"],
  [30, "instant"],
  [29, "faster"],
  [9, "faster"],
  [8, "reading"],
  [6, "reading"],
  [5.9, "slower"],
  [0, "slower"],
] as const)("%d tokens a second feel %s", (speed, pace) => {
  expect(paceOf(speed)).toBe(pace)
})

test.each([
  [0, 0],
  [2.3, 2.5],
  [7.1, 7],
  [43, 40],
  [96, 100],
  [123, 120],
  [1_234, 1_200],
])("a speed of %d is shown as %d", (speed, shown) => {
  expect(roundSpeed(speed)).toBe(shown)
})

test("a rounded speed is no further off than the estimate is", () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 10_000, noNaN: true }), (speed) => {
      expect(Math.abs(roundSpeed(speed) - speed) / speed).toBeLessThanOrEqual(0.34)
    }),
  )
})

test.each([
  [0, undefined, ""],
  [134_515_008, "tiny", "135M"],
  [1_711_376_384, "small", "1.7B"],
  [7_615_616_512, "medium", "7.6B"],
  [8e9, "medium", "8B"],
  [32_500_000_000, "large", "33B"],
] as const)("%d weights", (parameters, scale, short) => {
  expect(scaleOf(parameters)).toBe(scale)
  expect(shortCountOf(parameters)).toBe(short)
})

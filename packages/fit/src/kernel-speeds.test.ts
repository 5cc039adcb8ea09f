import { expect, test } from "vitest"
import { adviseCopy, gainOf, type KernelSpeeds } from "./kernel-speeds.ts"
import { estimateShape } from "./model-shape.ts"
import { rateSpeed } from "./rate-speed.ts"
import { machine } from "./testing.ts"

type Figures = Readonly<Record<string, readonly [prefill: number, decode: number]>>

const speedsOf = (figures: Figures): KernelSpeeds => ({
  libraryVersion: "v1",
  types: Object.fromEntries(
    Object.entries(figures).map(([type, [prefill, decode]]) => [
      type,
      { prefillWeightsPerSecond: prefill * 1e9, decodeWeightsPerSecond: decode * 1e9 },
    ]),
  ),
})

// Billions of weights a second: SmolLM2 on a machine without a fast kernel for Q4_1, and one with AMX.
const PLAIN = speedsOf({ Q4_1: [50, 20], Q8_0: [145, 19], Q5_1: [40, 10] })
const AMX = speedsOf({ Q4_1: [145, 31], Q8_0: [154, 19], Q5_1: [27, 14] })

test.each([
  ["slow kernels: a copy is worth it", PLAIN, "Q4_1", "Q8_0"],
  ["nothing to win for prompts, much to lose for answers", AMX, "Q4_1", undefined],
  ["one type slow, the other not", AMX, "Q5_1", "Q8_0"],
  ["the target itself", PLAIN, "Q8_0", undefined],
  ["a type that was not measured", PLAIN, "F16", undefined],
] as const)("%s", (_, speeds, type, to) => {
  expect(adviseCopy(speeds, type)?.to).toBe(to)
})

test("the gain is the new over the old", () => {
  expect(gainOf(PLAIN, "Q4_1", "Q8_0")).toEqual({ prefill: 2.9, decode: 0.95 })
})

test("what was measured replaces what is usual", () => {
  const entry = { name: "m", parameters: 1e9, contextLength: 2_048, approximateSizeBytes: 5.6e8 }
  const shape = { ...estimateShape(entry), matrixBytes: { Q4_1: 5.6e8 } }
  const rate = (kernels?: KernelSpeeds): number =>
    rateSpeed(shape, machine(), kernels === undefined ? {} : { kernels }).prefillTokensPerSecond
  expect(rate(AMX)).toBeGreaterThan(2 * rate(PLAIN))
  expect(rate(speedsOf({ Q4_1: [25, 20] }))).toBeCloseTo(rate(), -1)
})

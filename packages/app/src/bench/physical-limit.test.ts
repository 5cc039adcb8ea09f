import { expect, test } from "vitest"
import { type LimitQuestion, physicalLimit } from "./physical-limit.ts"

/** 100 MB of weights, 34 GB/s: 340 tokens a second without any context. */
const QUESTION: LimitQuestion = {
  bandwidth: { oneThread: 30e9, allThreads: 34e9 },
  weightsBytes: 100e6,
  kvBytesPerToken: 0,
  contextTokens: 100,
  streams: 4,
  prefillTokensPerSecond: 1_000,
  measured: { decodeTokensPerSecond: 170, kernelDecodeTokensPerSecond: 200 },
}

test("weights over bandwidth, of the thread count that reads most", () => {
  expect(physicalLimit(QUESTION)).toMatchObject({
    boundBy: "memory",
    decodeTokensPerSecond: expect.closeTo(340),
    shareOfMemory: expect.closeTo(0.5),
    shareOfLimit: expect.closeTo(0.5),
    shareOfKernel: expect.closeTo(0.85),
  })
})

test("keys and values are read beside the weights, by each stream its own", () => {
  const { kvBytes, decodeTokensPerSecond, crowdTokensPerSecond, shareOfMemory } = physicalLimit({
    ...QUESTION,
    kvBytesPerToken: 1e6,
    prefillTokensPerSecond: null,
  })
  expect(kvBytes).toBe(100e6)
  expect(decodeTokensPerSecond).toBeCloseTo(34e9 / 200e6)
  expect(crowdTokensPerSecond).toBeCloseTo((4 * 34e9) / 500e6)
  // Of the weights alone, whatever the context.
  expect(shareOfMemory).toBeCloseTo(0.5)
})

test("many streams share the reading until arithmetic is the limit", () => {
  const { boundBy, crowdTokensPerSecond } = physicalLimit(QUESTION)
  expect({ boundBy, crowdTokensPerSecond }).toEqual({
    boundBy: "memory",
    crowdTokensPerSecond: expect.closeTo(1_000),
  })
  const slow = physicalLimit({ ...QUESTION, prefillTokensPerSecond: 200 })
  expect(slow).toMatchObject({
    boundBy: "arithmetic",
    decodeTokensPerSecond: expect.closeTo(200),
    shareOfLimit: expect.closeTo(0.85),
  })
})

test("one stream has no crowd, and an engine that cannot measure itself no share", () => {
  const measured = { decodeTokensPerSecond: 170, kernelDecodeTokensPerSecond: null }
  expect(physicalLimit({ ...QUESTION, streams: 1, measured })).toMatchObject({
    crowdTokensPerSecond: null,
    shareOfKernel: null,
  })
})

import { describe, expect, test } from "vitest"
import { ChatRequest, SAMPLING_DEFAULTS, SamplingOptions } from "./chat-request.ts"
import { REQUEST_LIMITS } from "./limits.ts"

const request = (over: object): unknown => ({
  model: "m",
  messages: [{ role: "user", content: "hi" }],
  ...over,
})
const accepted = (over: object): boolean => ChatRequest.safeParse(request(over)).success

describe("limits of a request, at n and n + 1", () => {
  const message = { role: "user", content: "" }
  const tool = { name: "t" }
  const cases: [string, (n: number) => object, number][] = [
    ["messages", (n) => ({ messages: Array(n).fill(message) }), REQUEST_LIMITS.messages],
    ["tools", (n) => ({ tools: Array(n).fill(tool) }), REQUEST_LIMITS.tools],
    ["stop strings", (n) => ({ stop: Array(n).fill("x") }), REQUEST_LIMITS.stopStrings],
    ["length of a stop string", (n) => ({ stop: ["x".repeat(n)] }), REQUEST_LIMITS.stopStringBytes],
    ["top log-probabilities", (n) => ({ topLogprobs: n }), REQUEST_LIMITS.topLogprobs],
  ]
  test.each(cases)("%s", (_, make, limit) => {
    expect(accepted(make(limit))).toBe(true)
    expect(accepted(make(limit + 1))).toBe(false)
  })
})

describe("sampling parameters", () => {
  const numeric = Object.entries(SAMPLING_DEFAULTS).filter(([, value]) => typeof value === "number")

  test.each(numeric)("%s takes its default and refuses what no number of its kind is", (key, value) => {
    expect(SamplingOptions.safeParse({ [key]: value }).success).toBe(true)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, "1", 2 ** 53, null]) {
      expect(SamplingOptions.safeParse({ [key]: bad }).success, `${key}: ${String(bad)}`).toBe(false)
    }
  })

  test("seed is 32 bits", () => {
    expect(SamplingOptions.safeParse({ seed: 2 ** 32 - 1 }).success).toBe(true)
    expect(SamplingOptions.safeParse({ seed: 2 ** 32 }).success).toBe(false)
    expect(SamplingOptions.safeParse({ seed: -1 }).success).toBe(false)
  })

  test("a bias names a token by its id", () => {
    expect(SamplingOptions.safeParse({ logitBias: { "42": -100 } }).success).toBe(true)
    expect(SamplingOptions.safeParse({ logitBias: { hello: 1 } }).success).toBe(false)
    expect(SamplingOptions.safeParse({ logitBias: { "42": 101 } }).success).toBe(false)
  })
})

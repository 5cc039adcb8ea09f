import { expect, test } from "vitest"
import { tokenLogprob } from "./log-probabilities.ts"

const bytesOf = (token: number) => Uint8Array.of(65 + token)

test("probabilities of all tokens sum to one, however large the logits", () => {
  const logits = Float32Array.of(1_000, 999, 1_001, -1_000)
  const { top } = tokenLogprob(logits, { token: 0, top: 4, bytesOf })
  expect(top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 6)
})

test("the best come first, and the chosen one need not be among them", () => {
  const logits = Float32Array.of(0, 3, 1, 2)
  const chosen = tokenLogprob(logits, { token: 0, top: 2, bytesOf })
  expect(chosen.top.map(({ token }) => token)).toEqual(["B", "D"])
  expect(chosen.token).toBe("A")
  expect(chosen.bytes).toEqual([65])
  expect(chosen.logprob).toBeLessThan(chosen.top[1]?.logprob ?? 0)
})

test("none of the others when none is asked for", () => {
  expect(tokenLogprob(Float32Array.of(1, 2), { token: 1, top: 0, bytesOf }).top).toEqual([])
})

import { expect, test } from "vitest"
import { jobStepOf } from "./job-step.ts"

test.each([
  ["asking hf:owner/repo", "asking"],
  ["verifying qwen3:4b", "checking"],
  ["writing the weights as q8_0", "writing"],
  ["comparing the copy with its original", "comparing"],
  ["toString", undefined],
  ["", undefined],
])("%j is the step %s", (status, step) => {
  expect(jobStepOf(status)).toBe(step)
})

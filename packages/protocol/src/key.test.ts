import { describe, expect, test } from "vitest"
import { NewKey } from "./key.ts"
import { KEY_LIMITS } from "./limits.ts"

const rules: Readonly<Record<string, (size: number) => object>> = {
  nameLength: (length) => ({ name: "n".repeat(length) }),
  models: (count) => ({ name: "n", models: Array.from({ length: count }, (_, at) => `model-${at}`) }),
  requestsPerMinute: (requestsPerMinute) => ({ name: "n", requestsPerMinute }),
  tokensPerDay: (tokensPerDay) => ({ name: "n", tokensPerDay }),
}

describe("NewKey", () => {
  test.each(Object.keys(rules))("%s at n and n + 1", (name) => {
    const limit = KEY_LIMITS[name as keyof typeof KEY_LIMITS]
    const keyOf = rules[name] as (size: number) => object
    expect(NewKey.safeParse(keyOf(limit)).success).toBe(true)
    expect(NewKey.safeParse(keyOf(limit + 1)).success).toBe(false)
  })

  test.each([0, -1, 0.5, 2 ** 53, Number.POSITIVE_INFINITY, "1"])(
    "%s is no number of requests or tokens",
    (value) => {
      expect(NewKey.safeParse({ name: "n", requestsPerMinute: value }).success).toBe(false)
      expect(NewKey.safeParse({ name: "n", tokensPerDay: value }).success).toBe(false)
    },
  )
})

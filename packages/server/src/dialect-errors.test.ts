import { AppError, toErrorBody } from "@fireside/protocol"
import { expect, test } from "vitest"
import { encodeFor } from "./dialect-errors.ts"

test.each(["openai", "ollama", "anthropic", "native"] as const)("%s says when to come again", (dialect) => {
  const full = new AppError("overloaded", { message: "full", details: { retryAfterSeconds: 1.2 } })
  expect(encodeFor(dialect, toErrorBody(full), "req_1")).toMatchObject({
    status: 503,
    headers: { "retry-after": "2" },
  })
})

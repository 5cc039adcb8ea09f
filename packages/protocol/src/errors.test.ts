import { describe, expect, test } from "vitest"
import { AppError, ERROR_CODES, fromErrorBody, toErrorBody } from "./errors.ts"

describe("error codes", () => {
  test("exit codes are those of the command conventions", () => {
    const allowed = new Set([1, 2, 69, 73, 75, 78, 130])
    for (const [code, facts] of Object.entries(ERROR_CODES)) {
      expect(allowed.has(facts.exitCode), `${code} exits with ${facts.exitCode}`).toBe(true)
      expect(facts.status, code).toBeGreaterThanOrEqual(400)
      expect(facts.meaning, code).toMatch(/^[A-Z].*\.$/)
    }
  })
})

describe("an error across a process border", () => {
  test("keeps code, message, hint and details", () => {
    const error = new AppError("context-overflow", {
      message: "The prompt has 900 tokens, the context holds 512.",
      hint: "Load the model with --ctx 1024.",
      details: { promptTokens: 900, contextLength: 512 },
    })
    const back = fromErrorBody(toErrorBody(error))
    expect(back).toBeInstanceOf(AppError)
    expect(toErrorBody(back)).toEqual(toErrorBody(error))
  })

  test("an abort is an interruption, anything else a mistake of ours", () => {
    expect(toErrorBody(new DOMException("stop", "AbortError")).code).toBe("interrupted")
    expect(toErrorBody(new TypeError("x is not a function"))).toEqual({
      code: "internal",
      message: "x is not a function",
    })
    expect(toErrorBody("thrown text")).toEqual({ code: "internal", message: "thrown text" })
  })

  test("keeps the cause on this side", () => {
    const cause = new Error("ECONNRESET")
    expect(new AppError("network-failed", { message: "broken off", cause }).cause).toBe(cause)
  })
})

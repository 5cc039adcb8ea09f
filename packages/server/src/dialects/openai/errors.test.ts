import { ERROR_CODES, type ErrorCode } from "@fireside/protocol"
import { expect, test } from "vitest"
import { encodeError } from "./errors.ts"

const TYPES = [
  "invalid_request_error",
  "not_found_error",
  "authentication_error",
  "api_error",
  "exceed_context_size_error",
]

test.each(Object.keys(ERROR_CODES) as ErrorCode[])(
  "%s keeps its status and has one of OpenAI's types",
  (code) => {
    const { status, body } = encodeError({ code, message: "It failed." }, "req-1")
    expect(status).toBe(ERROR_CODES[code].status)
    const { error } = body as { error: Record<string, unknown> }
    expect(TYPES).toContain(error.type)
    expect(Object.keys(error).slice(0, 4)).toEqual(["message", "type", "param", "code"])
  },
)

test.each([
  ["bad-request", "invalid_request_error", "bad_request"],
  ["context-overflow", "exceed_context_size_error", "context_length_exceeded"],
  ["unauthorised", "authentication_error", "invalid_api_key"],
  ["forbidden", "authentication_error", "forbidden"],
  ["foreign-request", "invalid_request_error", "foreign_request"],
  ["model-not-found", "not_found_error", "model_not_found"],
  ["not-found", "not_found_error", "not_found"],
  ["rate-limited", "api_error", "rate_limit_exceeded"],
  ["overloaded", "api_error", "overloaded"],
  ["internal", "api_error", "internal"],
] as const)("%s is %s, %s", (code, type, wireCode) => {
  const { body } = encodeError({ code, message: "It failed." }, "req-1")
  expect(body).toMatchObject({ error: { type, code: wireCode } })
})

test("a message ends in its hint, and names the field", () => {
  const { body } = encodeError(
    { code: "bad-request", message: "It is too large.", hint: "Send less.", details: { field: "n" } },
    "req-1",
  )
  expect(body).toMatchObject({ error: { message: "It is too large. Send less.", param: "n" } })
})

test("a mistake of ours keeps its text in the log", () => {
  const { body } = encodeError({ code: "internal", message: "/home/ann/secret is not there" }, "req-7")
  expect(JSON.stringify(body)).not.toContain("ann")
  expect(JSON.stringify(body)).toContain("req-7")
})

test("when to come again is whole seconds, rounded up", () => {
  const error = { code: "rate-limited", message: "Too much.", details: { retryAfterSeconds: 1.2 } } as const
  expect(encodeError(error, "req-1").headers).toEqual({ "retry-after": "2" })
  expect(encodeError({ code: "rate-limited", message: "Too much." }, "req-1").headers).toBeUndefined()
})

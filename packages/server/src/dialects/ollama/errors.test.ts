import { expect, test } from "vitest"
import { encodeError } from "./errors.ts"

test("an error is one text with its status", () => {
  expect(encodeError({ code: "bad-request", message: "It is wrong.", hint: "Do better." }, "r")).toEqual({
    status: 400,
    body: { error: "It is wrong. Do better." },
  })
})

test("a model that is not there is told in Ollama's words", () => {
  const error = { code: "model-not-found", message: "There is no model x.", details: { name: "x" } } as const
  expect(encodeError(error, "r")).toEqual({
    status: 404,
    body: { error: 'model "x" not found: there is no model x.' },
  })
  expect(encodeError({ code: "model-not-found", message: "It is not there." }, "r").body).toEqual({
    error: "model not found: it is not there.",
  })
})

test("who is to wait is told how long", () => {
  const details = { retryAfterSeconds: 2.4 }
  expect(encodeError({ code: "overloaded", message: "Full.", details }, "r")).toEqual({
    status: 503,
    body: { error: "Full." },
    headers: { "retry-after": "3" },
  })
})

test("of our own mistakes only the request's id is told", () => {
  const { status, body } = encodeError({ code: "internal", message: "secret at /path" }, "req-1")
  expect(status).toBe(500)
  expect(body).toEqual({ error: "internal error; the log says more under request req-1" })
})

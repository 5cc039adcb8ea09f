import { describe, expect, test } from "vitest"
import { checkOrigin } from "./check-origin.ts"

const question = {
  origin: undefined as string | undefined,
  fetchSite: undefined as string | undefined,
  host: "localhost:3473",
  isTls: false,
  allowedOrigins: new Set(["https://chat.example"]),
}

describe("checkOrigin", () => {
  test("programs, our own page and the address bar may call", () => {
    expect(checkOrigin(question)).toBeUndefined()
    expect(checkOrigin({ ...question, fetchSite: "none" })).toBeUndefined()
    expect(checkOrigin({ ...question, fetchSite: "same-origin" })).toBeUndefined()
    expect(
      checkOrigin({ ...question, origin: "http://localhost:3473", fetchSite: "same-origin" }),
    ).toBeUndefined()
    expect(checkOrigin({ ...question, origin: "http://localhost:3473" })).toBeUndefined()
    expect(checkOrigin({ ...question, origin: "https://localhost:3473", isTls: true })).toBeUndefined()
  })

  test("an allowed origin is named, whatever its site", () => {
    expect(checkOrigin({ ...question, origin: "https://chat.example", fetchSite: "cross-site" })).toBe(
      "https://chat.example",
    )
  })

  test.each([
    ["http://evil.test", undefined],
    ["null", undefined],
    ["file://", undefined],
    ["http://localhost:9999", "same-site"],
    ["http://localhost.evil.test", undefined],
    ["https://localhost:3473", undefined],
    ["http://chat.example", undefined],
    ["https://chat.example.evil.test", undefined],
    ["http://localhost:3473", "cross-site"],
    [undefined, "cross-site"],
    [undefined, "same-site"],
    [undefined, "nonsense"],
  ])("origin %s with site %s is refused", (origin, fetchSite) => {
    expect(() => checkOrigin({ ...question, origin, fetchSite })).toThrowError(
      expect.objectContaining({ code: "foreign-request" }),
    )
  })
})

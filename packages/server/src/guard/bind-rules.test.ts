import { describe, expect, test } from "vitest"
import { checkBind, isLoopback } from "./bind-rules.ts"

describe("isLoopback", () => {
  test.each(["127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"])("%s is", (host) => {
    expect(isLoopback(host)).toBe(true)
  })
  test.each(["0.0.0.0", "::", "192.168.1.4", "localhost.evil.test", "128.0.0.1", "", "::ffff:10.0.0.1"])(
    "%s is not",
    (host) => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})

describe("checkBind", () => {
  test("loopback needs nothing", () => {
    expect(() => checkBind({ host: "127.0.0.1", tls: { type: "none" }, hasKeys: false })).not.toThrow()
  })

  test.each(["0.0.0.0", "::", "192.168.1.4", "my-host"])(
    "%s without key and encryption names three ways out",
    (host) => {
      const refused = expect.objectContaining({
        code: "refused-by-configuration",
        hint: expect.stringMatching(
          /1\. .*--host 127\.0\.0\.1[\s\S]*2\. .*--self-signed[\s\S]*3\. .*--without-tls/,
        ),
      })
      expect(() => checkBind({ host, tls: { type: "none" }, hasKeys: false })).toThrowError(refused)
      expect(() => checkBind({ host, tls: { type: "none" }, hasKeys: true })).toThrowError(refused)
      expect(() => checkBind({ host, tls: { type: "self-signed" }, hasKeys: false })).toThrowError(refused)
      expect(() => checkBind({ host, tls: { type: "without" }, hasKeys: false })).toThrowError(refused)
    },
  )

  test("with both it may", () => {
    for (const tls of [{ type: "self-signed" }, { type: "without" }] as const)
      expect(() => checkBind({ host: "0.0.0.0", tls, hasKeys: true })).not.toThrow()
  })
})

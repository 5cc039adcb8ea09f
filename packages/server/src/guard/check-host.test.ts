import { describe, expect, test } from "vitest"
import { checkHost } from "./check-host.ts"

const ALLOWED = new Set(["localhost", "127.0.0.1", "[::1]", "chat.example"])
const head = (host: readonly string[], url = "/v1/models") => ({
  url,
  rawHeaders: host.flatMap((value) => ["Host", value]),
})

describe("checkHost", () => {
  test.each([
    "localhost:3473",
    "127.0.0.1:3473",
    "127.0.0.1",
    "[::1]:3473",
    "chat.example",
    "localhost:8000",
  ])("%s is a name of ours", (host) => {
    expect(checkHost(head([host]), ALLOWED)).toBe(host)
  })

  test.each([
    ["evil.test:3473"],
    ["127.0.0.1.nip.io:3473"],
    ["LOCALHOST:3473"],
    ["localhost.:3473"],
    ["localhost.evil.test"],
    ["127.0.0.1@evil.test"],
    ["[::ffff:127.0.0.1]:3473"],
    ["0x7f.1:3473"],
    ["localhost:99999999"],
    [" localhost"],
    [""],
  ])("%j is foreign", (host) => {
    expect(() => checkHost(head([host]), ALLOWED)).toThrowError(
      expect.objectContaining({ code: "foreign-request" }),
    )
  })

  test("none, two, and a whole URL are bad requests", () => {
    const bad = expect.objectContaining({ code: "bad-request" })
    expect(() => checkHost(head([]), ALLOWED)).toThrowError(bad)
    expect(() => checkHost(head(["localhost", "localhost"]), ALLOWED)).toThrowError(bad)
    expect(() => checkHost(head(["localhost"], "http://localhost/v1/models"), ALLOWED)).toThrowError(bad)
  })
})

import { describe, expect, it } from "vitest"
import { digestHex, requireDigestHex } from "./digest.ts"

const HEX = "0123456789abcdef".repeat(4)

describe("digestHex", () => {
  it("takes both ways of writing", () => {
    expect(digestHex(`sha256:${HEX}`)).toBe(HEX)
    expect(digestHex(`sha256-${HEX}`)).toBe(HEX)
  })

  it.each([
    "",
    "sha256:",
    HEX,
    `sha256:${HEX}0`,
    `sha256:${HEX.slice(1)}`,
    `sha256:${HEX.toUpperCase()}`,
    `sha256:${HEX}\n`,
    `sha256:${HEX}\0`,
    `SHA256:${HEX}`,
    "sha256:../../../../etc/passwd",
    `sha256:..${HEX.slice(2)}`,
    `sha512:${HEX}`,
  ])("refuses %j", (text) => {
    expect(digestHex(text)).toBeUndefined()
    expect(() => requireDigestHex(text, "the registry")).toThrow("digest")
  })
})

import type { Setting } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { exampleRequest, isLoopback, ollamaPortOf, programAddresses } from "./program-addresses.ts"

describe("addresses for other programs", () => {
  test("as this page was reached, and Ollama's own port where there is one", () => {
    const urls = (port: number | null) =>
      programAddresses("http://127.0.0.1:3473", port).map(({ url }) => url)
    expect(urls(null)).toEqual(["http://127.0.0.1:3473/v1", "http://127.0.0.1:3473", "http://127.0.0.1:3473"])
    expect(urls(11_434)[1]).toBe("http://127.0.0.1:11434")
  })

  test("a port that was saved and is not in force yet is none", () => {
    const setting = (rest: Partial<Setting>) => [{ key: "ollamaPort", value: 11_434, ...rest }] as Setting[]
    expect(ollamaPortOf(setting({ needsRestart: false }))).toBe(11_434)
    expect(ollamaPortOf(setting({ needsRestart: true }))).toBeNull()
    expect(ollamaPortOf(setting({ needsRestart: false, value: null }))).toBeNull()
    expect(ollamaPortOf([])).toBeNull()
  })

  test.each([
    ["http://localhost:3473", true],
    ["http://127.0.0.1:3473", true],
    ["http://127.1.2.3", true],
    ["http://[::1]:3473", true],
    ["https://fireside.example", false],
    ["http://192.0.2.7:3473", false],
    ["http://127.example", false],
  ])("%s: only this computer: %s", (origin, expected) => {
    expect(isLoopback(origin)).toBe(expected)
  })

  test("the example's body is JSON", () => {
    const text = exampleRequest({ origin: "http://localhost:1", model: "a:1b" })
    expect(JSON.parse(/-d '(.+)'$/.exec(text)?.[1] ?? "")).toMatchObject({ model: "a:1b" })
  })
})

import { KEY_LIMITS } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { EMPTY_KEY_FORM, readKeyForm } from "./key-wish.ts"

const form = { ...EMPTY_KEY_FORM, name: "phone" }

describe("a new key", () => {
  test("a name is enough; nothing is limited", () => {
    expect(readKeyForm({ ...form, name: "  phone " })).toEqual({
      type: "wish",
      wish: {
        name: "phone",
        scopes: ["chat", "embed"],
        models: null,
        requestsPerMinute: null,
        tokensPerDay: null,
      },
    })
  })

  test("limits and models are taken", () => {
    const read = readKeyForm({ ...form, models: ["a:1b"], requestsPerMinute: "60", tokensPerDay: " 1000 " })
    expect(read).toMatchObject({
      wish: { models: ["a:1b"], requestsPerMinute: 60, tokensPerDay: 1_000 },
    })
  })

  test.each([
    [{ name: " " }, ["name"]],
    [{ name: "x".repeat(KEY_LIMITS.nameLength + 1) }, ["name"]],
    [{ scopes: [] }, ["scopes"]],
    [{ requestsPerMinute: "0" }, ["requestsPerMinute"]],
    [{ requestsPerMinute: String(KEY_LIMITS.requestsPerMinute + 1) }, ["requestsPerMinute"]],
    [{ tokensPerDay: "many" }, ["tokensPerDay"]],
    [{ tokensPerDay: "-5", name: "" }, ["name", "tokensPerDay"]],
  ] as const)("%j: %j", (change, fields) => {
    expect(readKeyForm({ ...form, ...change })).toEqual({ type: "wrong", fields })
  })
})

import type { StoredMessage } from "@fireside/protocol"
import { expect, test } from "vitest"
import { contextParts } from "./context-parts.ts"

const said = (id: string, role: "user" | "assistant", characters: number) =>
  ({ id, message: { role, content: "x".repeat(characters) } }) as StoredMessage

const CHAT = [said("1", "user", 100), said("2", "assistant", 300), said("3", "user", 50)]
const INPUT = { path: CHAT, usedTokens: 250, contextLength: 1_000, system: "", shortened: null, draft: "" }

test("tokens go by the length of what each has written", () => {
  expect(contextParts({ ...INPUT, system: "s".repeat(50) })).toEqual({
    parts: [
      { kind: "instructions", tokens: 25 },
      { kind: "questions", tokens: 75 },
      { kind: "answers", tokens: 150 },
    ],
    roomTokens: 750,
  })
})

test("what is being written takes room that is not taken yet", () => {
  const filling = contextParts({ ...INPUT, usedTokens: 450, draft: "d".repeat(100) })
  expect(filling?.parts.at(-1)).toEqual({ kind: "draft", tokens: 100 })
  expect(filling?.roomTokens).toBe(450)
})

test("what is not sent any more takes nothing, and its summary counts among the answers", () => {
  const shortened = { from: "3", summary: "y".repeat(50), at: "2026-01-01" }
  expect(contextParts({ ...INPUT, usedTokens: 100, shortened })).toEqual({
    parts: [
      { kind: "questions", tokens: 50 },
      { kind: "answers", tokens: 50 },
    ],
    roomTokens: 900,
  })
})

test("more than fits leaves no room, and nothing said takes none", () => {
  expect(contextParts({ ...INPUT, usedTokens: 5_000 })?.roomTokens).toBe(0)
  expect(contextParts({ ...INPUT, path: [], usedTokens: 0 })).toEqual({ parts: [], roomTokens: 1_000 })
  expect(contextParts({ ...INPUT, contextLength: undefined })).toBeUndefined()
})

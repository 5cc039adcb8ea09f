import type { Conversation } from "@fireside/protocol"
import { expect, test } from "vitest"
import { toRows } from "./group-conversations.ts"

const NOW = new Date(2026, 10, 28, 9, 0).getTime()
const hoursAgo = (hours: number, title = "A chat"): Conversation =>
  ({ id: `${hours}`, title, updatedAt: new Date(NOW - hours * 3_600_000).toISOString() }) as Conversation

const labels = (conversations: readonly Conversation[], query = "") =>
  toRows(conversations, { query, nowMs: NOW }).map((row) =>
    row.type === "group" ? row.group : row.conversation.id,
  )

test("each group is named once, before its conversations", () => {
  const all = [1, 2, 10, 50, 24 * 30].map((hours) => hoursAgo(hours))
  expect(labels(all)).toEqual(["today", "1", "2", "yesterday", "10", "week", "50", "earlier", "720"])
})

test("a search leaves titles that have every word, and no empty group", () => {
  const all = [hoursAgo(1, "Bread with Rye"), hoursAgo(30, "Rye whiskey"), hoursAgo(60, "Oats")]
  expect(labels(all, "RYE br")).toEqual(["today", "1"])
  expect(labels(all, "nothing")).toEqual([])
})

import type { Conversation } from "@fireside/protocol"
import { expect, test } from "vitest"
import { toRows } from "./group-conversations.ts"

const NOW = new Date(2026, 10, 28, 9, 0).getTime()
const hoursAgo = (hours: number, pinned = false): Conversation =>
  ({ id: `${hours}`, pinned, updatedAt: new Date(NOW - hours * 3_600_000).toISOString() }) as Conversation

const labels = (conversations: readonly Conversation[]) =>
  toRows(conversations, NOW).map((row) => (row.type === "group" ? row.group : row.conversation.id))

test("each group is named once, before its conversations", () => {
  const all = [1, 2, 10, 50, 24 * 30].map((hours) => hoursAgo(hours))
  expect(labels(all)).toEqual(["today", "1", "2", "yesterday", "10", "week", "50", "earlier", "720"])
})

test("pinned ones come first, however old", () => {
  expect(labels([hoursAgo(1), hoursAgo(500, true)])).toEqual(["pinned", "500", "today", "1"])
  expect(labels([])).toEqual([])
})

// The list of conversations as rows: pinned ones, then groups by age, each with its conversations. Pure.
import type { Conversation } from "@fireside/protocol"

export type ConversationGroup = "pinned" | "today" | "yesterday" | "week" | "earlier"

export type ListRow =
  | { readonly type: "group"; readonly group: ConversationGroup }
  | { readonly type: "conversation"; readonly conversation: Conversation }

const ORDER: readonly ConversationGroup[] = ["pinned", "today", "yesterday", "week", "earlier"]

/** `conversations`: newest change first; they stay so within a group. */
export function toRows(conversations: readonly Conversation[], nowMs: number): readonly ListRow[] {
  const groups = Map.groupBy(conversations, (conversation) => groupOf(conversation, nowMs))
  return ORDER.flatMap((group) => {
    const members = groups.get(group)
    if (members === undefined) return []
    return [
      { type: "group" as const, group },
      ...members.map((conversation) => ({ type: "conversation" as const, conversation })),
    ]
  })
}

export function keyOf(row: ListRow | undefined): string | undefined {
  return row?.type === "conversation" ? row.conversation.id : row?.group
}

/** By the days of the calendar here, not by hours. */
function groupOf({ pinned, updatedAt }: Conversation, nowMs: number): ConversationGroup {
  if (pinned) return "pinned"
  const midnight = new Date(nowMs)
  midnight.setHours(0, 0, 0, 0)
  const daysAgo = Math.ceil((midnight.getTime() - Date.parse(updatedAt)) / 86_400_000)
  if (daysAgo <= 0) return "today"
  if (daysAgo === 1) return "yesterday"
  return daysAgo <= 7 ? "week" : "earlier"
}

// The list of conversations as rows: groups by age, each with its conversations. Pure.
import type { Conversation } from "@fireside/protocol"

export type ConversationGroup = "today" | "yesterday" | "week" | "earlier"

export type ListRow =
  | { readonly type: "group"; readonly group: ConversationGroup }
  | { readonly type: "conversation"; readonly conversation: Conversation }

/** `conversations`: newest change first. `query`: words that a title must have, whatever their case. */
export function toRows(
  conversations: readonly Conversation[],
  { query, nowMs }: { readonly query: string; readonly nowMs: number },
): readonly ListRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const rows: ListRow[] = []
  let group: ConversationGroup | undefined
  for (const conversation of conversations) {
    const title = conversation.title.toLowerCase()
    if (!words.every((word) => title.includes(word))) continue
    const own = groupOf(Date.parse(conversation.updatedAt), nowMs)
    if (own !== group) rows.push({ type: "group", group: own })
    group = own
    rows.push({ type: "conversation", conversation })
  }
  return rows
}

/** By the days of the calendar here, not by hours. */
function groupOf(atMs: number, nowMs: number): ConversationGroup {
  const midnight = new Date(nowMs)
  midnight.setHours(0, 0, 0, 0)
  const daysAgo = Math.ceil((midnight.getTime() - atMs) / 86_400_000)
  if (daysAgo <= 0) return "today"
  if (daysAgo === 1) return "yesterday"
  return daysAgo <= 7 ? "week" : "earlier"
}

// One conversation of our own export, read back as it was.
import { ConversationChange, ExportedConversation } from "@fireside/protocol"
import type { ImportedConversation } from "./imported-conversation.ts"
import { toMoment } from "./imported-conversation.ts"

export const isOwnExport = (value: object): boolean =>
  "format" in value && value.format === "fireside-conversation"

/** Undefined for one of another version, or in which something is not as we write it. */
export function readOwnExport(value: unknown): ImportedConversation | undefined {
  const parsed = ExportedConversation.safeParse(value)
  if (!parsed.success) return undefined
  const { conversation, messages } = parsed.data
  if (!ConversationChange.safeParse(conversation).success) return undefined
  const before = new Set<string>()
  for (const { id, parentId } of messages) {
    if (before.has(id) || (parentId !== null && !before.has(parentId))) return undefined
    before.add(id)
  }
  const createdAt = toMoment(conversation.createdAt)
  const updatedAt = toMoment(conversation.updatedAt)
  if (createdAt === undefined || updatedAt === undefined) return undefined
  const { shortened } = conversation
  const isCut = shortened !== null && before.has(shortened.from)
  return {
    ...conversation,
    shortened: isCut ? shortened : null,
    ...{ source: "fireside", createdAt, updatedAt, messages },
  }
}

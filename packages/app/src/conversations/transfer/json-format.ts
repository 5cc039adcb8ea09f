// Our own format: everything, so that it can come back as it was. A list, one conversation an element, each with its version.
import type { ExportedConversation } from "@fireside/protocol"
import type { FileFormat } from "./export-conversations.ts"

export const jsonFormat: FileFormat = {
  extension: "json",
  contentType: "application/json; charset=utf-8",
  branches: "all",
  start: () => "[\n",
  between: ",\n",
  end: "\n]\n",
  one({ messageCount: _count, trashedAt: _trashed, ...conversation }, messages) {
    const exported: ExportedConversation = {
      format: "fireside-conversation",
      version: 1,
      conversation,
      messages: messages.map(({ conversationId: _id, ...message }) => message),
    }
    return JSON.stringify(exported)
  },
}

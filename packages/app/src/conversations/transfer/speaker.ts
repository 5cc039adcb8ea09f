// Who says a message, in words for people.
import type { StoredMessage } from "@fireside/protocol"

export function speakerOf({ message, model }: StoredMessage): string {
  switch (message.role) {
    case "system":
      return "System"
    case "user":
      return "You"
    case "assistant":
      return model === null ? "Assistant" : `Assistant (${oneLine(model)})`
    case "tool":
      return message.name === undefined ? "Tool" : `Tool (${oneLine(message.name)})`
    default:
      return message satisfies never
  }
}

export const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

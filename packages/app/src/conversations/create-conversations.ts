// Conversations in the tables `conversation` and `message`.
import type { App } from "../app.ts"
import { later } from "../later.ts"
import type { Parts } from "../parts.ts"
import type { Conversations } from "./conversations.ts"

export function createConversations(_parts: Parts, _chat: App["chat"]): Conversations {
  return {
    list: later,
    create: later,
    get: later,
    change: later,
    remove: later,
    messages: later,
    append: later,
    chat: later,
  }
}

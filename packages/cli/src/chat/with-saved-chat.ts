// What `run NAME` goes on with: the model of that name, or, when there is none, the chat that was saved under it.
import type { App } from "@fireside/app"
import { AppError } from "@fireside/protocol"
import type { ChatSettings } from "./chat-settings.ts"
import { fromSavedChat, type Session } from "./session.ts"

/** Calls `open` with a new session; when that throws `model-not-found` and a chat has the name, once more with the chat. */
export async function withSavedChat(
  app: App,
  settings: ChatSettings,
  open: (session: Session) => Promise<void>,
): Promise<void> {
  try {
    await open({ settings, messages: [], knownNotices: new Set() })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "model-not-found") throw error
    const chat = await app.chats.load(settings.model)
    if (chat === undefined) throw error
    await open(fromSavedChat(chat, settings))
  }
}

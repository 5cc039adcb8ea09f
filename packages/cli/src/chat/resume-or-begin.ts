// Which chat `run NAME` opens: a saved one of that name, when there is no such model, or a new one.
import { AppError } from "@fireside/protocol"
import type { CommandContext } from "../context.ts"
import type { ChatSettings } from "./chat-settings.ts"
import { converse } from "./converse.ts"
import { fromSavedChat, type Session } from "./session.ts"

export async function resumeOrBegin(
  context: CommandContext,
  settings: ChatSettings,
  acceptLicence: boolean,
): Promise<void> {
  const app = await context.app()
  const open = (session: Session): Promise<void> =>
    converse(context, { session, acceptLicence, historyFile: app.historyFile })
  try {
    await open({ settings, messages: [], knownNotices: new Set() })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "model-not-found") throw error
    const chat = await app.chats.load(settings.model)
    if (chat === undefined) throw error
    await open(fromSavedChat(chat, settings))
  }
}

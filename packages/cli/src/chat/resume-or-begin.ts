// Which chat `run NAME` opens: a saved one of that name, when there is no such model, or a new one.
import type { CommandContext } from "../context.ts"
import type { ChatSettings } from "./chat-settings.ts"
import { converse } from "./converse.ts"
import { withSavedChat } from "./with-saved-chat.ts"

export async function resumeOrBegin(
  context: CommandContext,
  settings: ChatSettings,
  acceptLicence: boolean,
): Promise<void> {
  const app = await context.app()
  await withSavedChat(app, settings, (session) =>
    converse(context, { session, acceptLicence, historyFile: app.historyFile }),
  )
}

// `fireside` alone: on a terminal the server with its page, opened in the browser; elsewhere what a script wants, a model that is ready.
import { AppError } from "@fireside/protocol"
import { chatFromScratch } from "../chat/chat-from-scratch.ts"
import type { CommandContext } from "../context.ts"
import { openPage } from "../open-page.ts"
import { stripEscapes } from "../terminal/strip-escapes.ts"
import { runServer } from "./serve.ts"

export async function start(context: CommandContext): Promise<void> {
  const { io, flags } = context
  if (flags.json)
    throw new AppError("usage", {
      message: "--json needs a command.",
      hint: "Usage: fireside [options] [command]",
    })
  if (!io.stdinIsTerminal) return chatFromScratch(context)
  const running = await runningServer(context)
  if (running !== undefined) {
    io.err(`Fireside runs already: ${stripEscapes(running)}\n`)
    await openPage(context, running)
    return
  }
  await runServer(context, {}, async (url) => {
    io.err("A chat in the terminal: fireside run\n")
    await openPage(context, url)
  })
}

/** Of this data folder. */
async function runningServer(context: CommandContext): Promise<string | undefined> {
  const { config, log } = await context.open({ local: true, streams: "auto" })
  const { connectToServer } = await import("../server-connection.ts")
  return (await connectToServer({ paths: config.paths, log }))?.url
}

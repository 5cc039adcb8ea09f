// The interactive chat: reads, asks, prints, until the user leaves.
import { AppError, toErrorBody } from "@fireside/protocol"
import type { CommandContext } from "../context.ts"
import { withMissingModel } from "../missing-model.ts"
import { printError } from "../terminal/print-error.ts"
import { stripEscapes } from "../terminal/strip-escapes.ts"
import { type ChatSettings, toRunOptions } from "./chat-settings.ts"
import { createHistory } from "./history.ts"
import { createLineEditor, type LineEditor } from "./line-editor.ts"
import { createStatusLine } from "./print-answer.ts"
import { readMessage } from "./read-message.ts"
import { type Session, takeTurn } from "./session.ts"
import { isSlashCommand, runSlashCommand } from "./slash-commands.ts"

export interface ConverseOptions {
  readonly session: Session
  readonly acceptLicence: boolean
  /** File of the typed lines. */
  readonly historyFile: string
}

const INTERRUPTED = 130

/** Resolves when the user leaves. Throws when the first model cannot be loaded. */
export async function converse(context: CommandContext, options: ConverseOptions): Promise<void> {
  const { io } = context
  const { session } = options
  const app = await context.app()
  const load = async (settings: ChatSettings): Promise<void> => {
    const notices = await loadModel(context, settings, options.acceptLicence)
    for (const notice of notices) session.knownNotices.add(notice)
  }
  await load(session.settings)
  const history = createHistory(options.historyFile)
  const leaving = new AbortController()
  let answering: AbortController | undefined
  let interrupts = 0

  const leave = (): void => {
    context.setExitCode(INTERRUPTED)
    leaving.abort()
    editor[Symbol.dispose]()
  }
  const onInterrupt = (where: "answer" | "empty-line" | "line"): void => {
    interrupts = where === "line" ? 0 : interrupts + 1
    if (where === "answer") {
      if (answering !== undefined && !answering.signal.aborted) {
        answering.abort(new AppError("interrupted", { message: "Stopped." }))
        return
      }
      // The first Ctrl-C is not through yet: the user does not want to wait for it.
      leave()
      context.exitNow(INTERRUPTED)
    } else if (interrupts > 1) leave()
    else if (where === "empty-line") io.err(io.errColours.dim("\nCtrl-C again leaves, and so does /bye.\n"))
    else io.err("\n")
  }
  const releaseInterrupts = context.holdInterrupts(() =>
    onInterrupt(answering === undefined ? "empty-line" : "answer"),
  )
  const editor: LineEditor = createLineEditor({ io, history: await history.read(), onInterrupt })
  context.signal.addEventListener("abort", () => editor[Symbol.dispose](), { once: true })

  const ask = async (question: string): Promise<void> => {
    const stopping = new AbortController()
    answering = stopping
    try {
      const signal = AbortSignal.any([stopping.signal, context.signal])
      await takeTurn({ app, io, session }, question, signal)
    } catch (error) {
      if (!stopping.signal.aborted) throw error
      io.err(`${io.errColours.dim("stopped")}\n`)
    } finally {
      answering = undefined
    }
  }

  async function handle(message: string): Promise<"leave" | "stay"> {
    if (!isSlashCommand(message)) {
      await ask(message)
      return "stay"
    }
    const outcome = await runSlashCommand(message, { app, io, session, load, signal: context.signal })
    if (outcome.type === "ask") await ask(outcome.question)
    return outcome.type === "leave" ? "leave" : "stay"
  }

  try {
    greet(context, session)
    const { cyan, dim } = io.errColours
    const prompts = { first: cyan("› "), more: dim("… ") }
    for (;;) {
      const message = await readMessage(editor, prompts)
      context.signal.throwIfAborted()
      if (message === undefined || leaving.signal.aborted) {
        // The shell's own prompt begins on a line of its own.
        io.err("\n")
        break
      }
      if (message.trim() === "") continue
      interrupts = 0
      await history.add(message)
      try {
        if ((await handle(message)) === "leave") break
      } catch (error) {
        context.signal.throwIfAborted()
        report(context, error)
      }
      io.err("\n")
    }
  } finally {
    releaseInterrupts()
    editor[Symbol.dispose]()
  }
}

/** A failed answer does not end the chat. */
function report({ io }: CommandContext, error: unknown): void {
  const body = toErrorBody(error)
  // Stopped from elsewhere: `fireside stop`.
  if (body.code === "interrupted") io.err(`${io.errColours.dim(stripEscapes(body.message))}\n`)
  else printError(io, body, { json: false, logs: undefined, verbose: false })
}

async function loadModel(
  context: CommandContext,
  settings: ChatSettings,
  acceptLicence: boolean,
): Promise<readonly string[]> {
  const { io, signal } = context
  const app = await context.app()
  const status = createStatusLine(io)
  const { model, contextLength } = settings
  const request = { model, ...(contextLength === undefined ? {} : { contextLength }) }
  try {
    const options = toRunOptions(settings, (name) => status.show(`loading ${name}`))
    const { notices } = await withMissingModel(context, { reference: model, acceptLicence }, () =>
      app.load(request, options, signal),
    )
    status.clear()
    for (const notice of notices) io.err(`${io.errColours.dim(stripEscapes(notice))}\n`)
    return notices
  } finally {
    status.clear()
  }
}

function greet({ io }: CommandContext, { settings, messages }: Session): void {
  const { bold, dim } = io.errColours
  const taken = messages.length === 0 ? "" : ` · ${messages.length} messages so far`
  io.err(`${bold(stripEscapes(settings.model))}${dim(`${taken} · /help · Ctrl-D leaves`)}\n\n`)
}

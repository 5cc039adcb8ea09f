// `fireside run MODEL [PROMPT]`: one answer when there is something to ask, a chat otherwise.
import { AppError, type ChatEvent, defined, type ResponseFormat } from "@fireside/protocol"
import { InvalidArgumentError } from "commander"
import { chatFromScratch } from "../chat/chat-from-scratch.ts"
import { type ChatSettings, parseKeepAlive, toRequest, toRunOptions } from "../chat/chat-settings.ts"
import { createStatusLine, printAnswer } from "../chat/print-answer.ts"
import { readFormat } from "../chat/read-format.ts"
import { readPrompt } from "../chat/read-prompt.ts"
import { addSamplingFlags, samplingOf } from "../chat/sampling-flags.ts"
import type { Session } from "../chat/session.ts"
import { withSavedChat } from "../chat/with-saved-chat.ts"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { collected, wholeNumber } from "../flag-values.ts"
import { withMissingModel } from "../missing-model.ts"

export interface RunFlags {
  readonly system?: string
  readonly ctx?: number
  readonly maxTokens?: number
  readonly stop?: readonly string[]
  readonly think?: boolean
  readonly format?: string
  readonly keepalive?: number
  readonly force?: boolean
  readonly deterministic?: boolean
  readonly raw?: boolean
  readonly suffix?: string
  readonly acceptLicence?: boolean
  readonly wordwrap?: boolean
}

export const run: CommandModule = {
  define(command, context) {
    command
      .argument(
        "[model]",
        "a model, or a chat that was saved with /save; without one: the last one, or a first one",
      )
      .argument("[prompt]", "what to ask; text on standard input is added to it")
      .option("--system <text>", "what the model is told first")
      .option("--ctx <tokens>", "length of the context", wholeNumber(64))
      .option("--max-tokens <n>", "end the answer after this many tokens", wholeNumber(0))
      .option("--stop <text>", "end the answer before this text; may be repeated", collected)
      .option("--think", "let it reason before it answers")
      .option("--no-think", "answer at once")
      .option(
        "--format <json|file>",
        "the answer is JSON, follows a JSON schema (file), or a grammar (.gbnf file)",
      )
      .option("--keepalive <time>", "how long the model stays loaded in a chat: 10m, -1 for ever", keepAlive)
      .option("--raw", "send the prompt as it is, without the chat template")
      .option("--suffix <text>", "write what belongs between the prompt and this text")
      .option("--no-wordwrap", "do not break lines between words on a terminal")
      .option(
        "--deterministic",
        "the same input gives the same text, whatever else is answered; Q4_0, Q4_1 and Q8_0 models only",
      )
      .option("--force", "load even when the memory plan says no")
      .option("--accept-licence", "accept the model's licence when it must be downloaded")
    addSamplingFlags(command)
    command.action(async (model: string | undefined, prompt: string | undefined, flags: RunFlags) => {
      if (model === undefined) return chatFromScratch(context)
      const app = await context.app()
      void app.prepare()
      const settings = await toSettings(model, flags, context.flags.verbose)
      const text = await readPrompt(context, prompt)
      if (text === undefined) await chatInteractively(context, settings, flags)
      else await answerOnce(context, settings, flags, text)
    })
  },
}

async function toSettings(model: string, flags: RunFlags, verbose: boolean): Promise<ChatSettings> {
  const format: ResponseFormat | undefined =
    flags.format === undefined ? undefined : await readFormat(flags.format)
  return {
    model,
    system: flags.system,
    sampling: samplingOf(flags as Readonly<Record<string, unknown>>),
    stop: flags.stop,
    maxTokens: flags.maxTokens,
    contextLength: flags.ctx,
    think: flags.think,
    format,
    keepAliveMs: flags.keepalive,
    force: flags.force ?? false,
    deterministic: flags.deterministic,
    verbose,
    wordWrap: flags.wordwrap ?? true,
  }
}

async function answerOnce(
  context: CommandContext,
  settings: ChatSettings,
  flags: RunFlags,
  text: string,
): Promise<void> {
  const isBare = flags.raw === true || flags.suffix !== undefined
  if (isBare) return answerFrom(context, { settings, messages: [], knownNotices: new Set() }, flags, text)
  await withSavedChat(await context.app(), settings, (session) => answerFrom(context, session, flags, text))
}

async function answerFrom(
  context: CommandContext,
  { settings, messages }: Session,
  flags: RunFlags,
  text: string,
): Promise<void> {
  const { io, signal } = context
  const app = await context.app()
  const { json } = context.flags
  const status = createStatusLine(io)
  const options = {
    ...toRunOptions(settings, (name) => status.show(`loading ${name}`)),
    // One answer and nothing around it, unless a program reads it or the user wants to know everything.
    tellInsertedSystem: json || settings.verbose,
  }
  const events = (): AsyncIterable<ChatEvent> => {
    const request = toRequest(settings, [...messages, { role: "user", content: text }])
    if (flags.raw !== true && flags.suffix === undefined) return app.chat(request, options, signal)
    const { messages: _messages, ...shared } = request
    const prompt =
      flags.suffix === undefined
        ? ({ type: "rendered", text } as const)
        : ({ type: "infill", prefix: text, suffix: flags.suffix } as const)
    return app.complete({ ...defined(shared), prompt }, options, signal)
  }
  const { verbose, wordWrap, maxTokens } = settings
  await withMissingModel(
    context,
    { reference: settings.model, acceptLicence: flags.acceptLicence ?? false },
    async () => {
      await printAnswer(events(), { io, json, verbose, wordWrap, maxTokens, ...(json ? {} : { status }) })
    },
  )
}

async function chatInteractively(
  context: CommandContext,
  settings: ChatSettings,
  flags: RunFlags,
): Promise<void> {
  for (const [given, name] of [
    [flags.raw, "--raw"],
    [flags.suffix, "--suffix"],
    [context.flags.json || undefined, "--json"],
  ] as const) {
    if (given !== undefined)
      throw new AppError("usage", { message: `${name} needs a prompt.`, hint: 'fireside run MODEL "PROMPT"' })
  }
  const { resumeOrBegin } = await import("../chat/resume-or-begin.ts")
  await resumeOrBegin(context, settings, flags.acceptLicence ?? false)
}

function keepAlive(text: string): number {
  try {
    return parseKeepAlive(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof AppError ? `${error.hint}` : String(error))
  }
}

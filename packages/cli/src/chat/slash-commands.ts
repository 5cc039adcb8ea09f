// The commands inside a chat. Each changes the session or prints something; what they cannot do is thrown as `AppError`.
import type { App } from "@fireside/app"
import { AppError } from "@fireside/protocol"
import { formatDetails, formatParameters } from "../commands/show.ts"
import type { Io } from "../terminal/io.ts"
import { stripEscapes } from "../terminal/strip-escapes.ts"
import { type ChatSettings, parseKeepAlive, toRequest } from "./chat-settings.ts"
import { readFormat } from "./read-format.ts"
import { parseNamedParameter, SAMPLING_NAMES, samplingSummary } from "./sampling-flags.ts"
import { fromSavedChat, type Session, takeBack, toSavedChat } from "./session.ts"

export interface SlashContext {
  readonly app: App
  readonly io: Io
  readonly session: Session
  /** Loads a model, with the status line; throws what loading throws. */
  readonly load: (settings: ChatSettings) => Promise<void>
  readonly signal: AbortSignal
}

export type SlashOutcome =
  | { readonly type: "done" }
  | { readonly type: "leave" }
  | { readonly type: "ask"; readonly question: string }

const DONE: SlashOutcome = { type: "done" }

interface SlashCommand {
  readonly usage: string
  readonly summary: string
  run(rest: string, context: SlashContext): Promise<SlashOutcome>
}

const say = (io: Io, text: string): SlashOutcome => {
  io.err(`${io.errColours.dim(stripEscapes(text))}\n`)
  return DONE
}

const COMMANDS: Readonly<Record<string, SlashCommand>> = {
  set: {
    usage: "/set NAME [VALUE]",
    summary: "change how it answers; /set alone lists what there is",
    run: runSet,
  },
  show: { usage: "/show WHAT", summary: "info, template, parameters, system, context", run: runShow },
  load: { usage: "/load NAME", summary: "go on with another model, or with a saved chat", run: runLoad },
  save: { usage: "/save NAME", summary: "keep this chat; fireside run NAME takes it up again", run: runSave },
  clear: {
    usage: "/clear",
    summary: "forget what was said",
    async run(_, { io, session }) {
      session.messages.length = 0
      return say(io, "Forgotten. The next message begins a new chat.")
    },
  },
  retry: {
    usage: "/retry",
    summary: "ask the last question again",
    async run(_, { session }) {
      const question = takeBack(session.messages)
      if (question === undefined)
        throw new AppError("bad-request", { message: "There is no question to ask again." })
      return { type: "ask", question }
    },
  },
  help: {
    usage: "/help",
    summary: "this list",
    async run(_, { io }) {
      io.err(helpText(io))
      return DONE
    },
  },
  bye: { usage: "/bye", summary: "leave (also Ctrl-D)", run: async () => ({ type: "leave" }) },
}

const SYNONYMS: Readonly<Record<string, string>> = { "?": "help", exit: "bye", quit: "bye" }

export const isSlashCommand = (line: string): boolean => /^\/(\?|[a-z]+)(\s|$)/i.test(line.trimStart())

/** Throws `bad-request` for a command that there is not. */
export async function runSlashCommand(line: string, context: SlashContext): Promise<SlashOutcome> {
  const [, name = "", rest = ""] = /^\/(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? []
  const command = COMMANDS[SYNONYMS[name] ?? name.toLowerCase()]
  if (command !== undefined) return command.run(rest.trim(), context)
  throw new AppError("bad-request", {
    message: `There is no command /${name}.`,
    hint: "/help lists them. To send a text that begins with a slash, put a space and a quote in front.",
  })
}

function helpText(io: Io): string {
  const { dim, bold } = io.errColours
  const rows = Object.values(COMMANDS).map(
    ({ usage, summary }) => `  ${bold(usage.padEnd(20))}${dim(summary)}`,
  )
  const keys: [string, string][] = [
    ['"""', "begin and end a text of many lines"],
    ["Ctrl-C", "stop the answer; twice leaves"],
    ["↑ ↓", "earlier messages"],
  ]
  return `${[...rows, ...keys.map(([key, text]) => `  ${bold(key.padEnd(20))}${dim(text)}`)].join("\n")}\n`
}

interface SettingWord {
  readonly summary: string
  set(value: string, settings: ChatSettings): ChatSettings | Promise<ChatSettings>
  say(settings: ChatSettings): string
}

const SETTINGS: Readonly<Record<string, SettingWord>> = {
  system: {
    summary: "TEXT: what the model is told first; alone, the model's own",
    set: (value, settings) => ({ ...settings, system: value === "" ? undefined : unquote(value) }),
    say: ({ system }) =>
      system === undefined
        ? "The model's own system text is back."
        : "The system text is set. /clear begins anew with it.",
  },
  parameter: {
    summary: "NAME VALUE: a sampling parameter, or num_ctx, num_predict, stop",
    set: setParameter,
    say: () => "Set.",
  },
  format: {
    summary: "json|FILE|text: what the answer must be",
    set: async (value, settings) => {
      const format = await readFormat(value === "" ? "text" : value)
      return { ...settings, format: format.type === "text" ? undefined : format }
    },
    say: ({ format }) => (format === undefined ? "Answers are free text." : "Answers follow the format."),
  },
  seed: {
    summary: "N: the same seed gives the same answers",
    set: (value, settings) => ({
      ...settings,
      sampling: parseNamedParameter("seed", value, settings.sampling),
    }),
    say: ({ sampling }) => `The seed is ${sampling.seed}.`,
  },
  keepalive: {
    summary: "TIME: how long the model stays loaded: 10m, -1 for ever",
    set: (value, settings) => ({ ...settings, keepAliveMs: parseKeepAlive(value) }),
    say: () => "Set.",
  },
  think: {
    summary: "let it reason before it answers",
    set: (_, it) => ({ ...it, think: true }),
    say: () => "It may think.",
  },
  nothink: {
    summary: "answer at once",
    set: (_, it) => ({ ...it, think: false }),
    say: () => "It answers at once.",
  },
  verbose: {
    summary: "timings after each answer",
    set: (_, it) => ({ ...it, verbose: true }),
    say: () => "Timings are shown.",
  },
  quiet: {
    summary: "no timings",
    set: (_, it) => ({ ...it, verbose: false }),
    say: () => "Timings are hidden.",
  },
}

const SETTING_SYNONYMS: Readonly<Record<string, string>> = { "no-think": "nothink", param: "parameter" }

async function runSet(rest: string, { io, session }: SlashContext): Promise<SlashOutcome> {
  const [, typed = "", value = ""] = /^(\S*)\s*([\s\S]*)$/.exec(rest) ?? []
  if (typed === "") {
    const { bold, dim } = io.errColours
    const rows = Object.entries(SETTINGS).map(
      ([name, { summary }]) => `  ${bold(name.padEnd(12))}${dim(summary)}\n`,
    )
    const names = SAMPLING_NAMES.map((name) => `    ${name.padEnd(22)}${dim(samplingSummary(name))}\n`)
    io.err(rows.join("") + dim("  parameters:\n") + names.join(""))
    return DONE
  }
  const word = SETTINGS[SETTING_SYNONYMS[typed] ?? typed.toLowerCase()]
  session.settings =
    word === undefined ? setParameter(rest, session.settings) : await word.set(value, session.settings)
  return say(io, word === undefined ? "Set." : word.say(session.settings))
}

/** `temperature 0`, `num_ctx 4096`, `stop END`. Throws `bad-request`. */
function setParameter(text: string, settings: ChatSettings): ChatSettings {
  const [, name = "", value = ""] = /^(\S*)\s*([\s\S]*)$/.exec(text.trim()) ?? []
  if (value === "")
    throw new AppError("bad-request", {
      message: "Say what and to which value: /set parameter temperature 0",
    })
  switch (name.toLowerCase().replaceAll("-", "_")) {
    case "num_ctx":
    case "ctx":
      return { ...settings, contextLength: wholeNumber(name, value, 64) }
    case "num_predict":
    case "max_tokens": {
      const count = wholeNumber(name, value, -1)
      return { ...settings, maxTokens: count < 0 ? undefined : count }
    }
    case "stop":
      return { ...settings, stop: [...(settings.stop ?? []), unquote(value)] }
    default:
      return { ...settings, sampling: parseNamedParameter(name, value, settings.sampling) }
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new AppError("bad-request", {
    message: `${name} cannot be ${JSON.stringify(text)}: a whole number from ${least} on.`,
  })
}

/** Quotes around a value are for keeping spaces. */
function unquote(text: string): string {
  const fenced = /^"""\n?([\s\S]*?)\n?"""$/.exec(text)?.[1]
  return fenced ?? /^"([\s\S]*)"$/.exec(text)?.[1]?.replaceAll('\\"', '"').replaceAll("\\n", "\n") ?? text
}

async function runShow(what: string, { app, io, session, signal }: SlashContext): Promise<SlashOutcome> {
  const { settings, messages } = session
  const print = (text: string): SlashOutcome => {
    io.err(text === "" || text.endsWith("\n") ? text : `${text}\n`)
    return DONE
  }
  switch (what === "" ? "info" : what.toLowerCase()) {
    case "info":
      return print(formatDetails(await app.models.show(settings.model), io.errColours))
    case "template":
      return print(stripEscapes((await app.models.show(settings.model)).template))
    case "system": {
      const own = settings.system ?? (await app.models.show(settings.model)).system
      if (own !== "") return print(stripEscapes(own))
      const inserted = await app.insertedSystem(settings.model, signal)
      if (inserted === undefined) return say(io, "There is no system text.")
      say(io, "Put in front by the model's template:")
      return print(stripEscapes(inserted))
    }
    case "parameters": {
      const model = await app.models.show(settings.model)
      const lines = formatParameters({
        sampling: { ...model.sampling, ...settings.sampling },
        stop: settings.stop ?? model.stop,
        defaults: {
          ...model.defaults,
          ...(settings.contextLength === undefined ? {} : { contextLength: settings.contextLength }),
          ...(settings.maxTokens === undefined ? {} : { maxTokens: settings.maxTokens }),
        },
      })
      return lines.length === 0 ? say(io, "Every parameter has its default.") : print(lines.join("\n"))
    }
    case "context": {
      if (messages.length === 0) return say(io, "The context is empty: nothing was said.")
      const { tokens, contextLength } = await app.render(toRequest(settings, messages), signal)
      const percent = Math.round((tokens.length / contextLength) * 100)
      return say(io, `${tokens.length} of ${contextLength} tokens are used (${percent} %).`)
    }
    default:
      throw new AppError("bad-request", {
        message: `/show cannot show ${what}.`,
        hint: "/show info, template, parameters, system or context",
      })
  }
}

async function runLoad(name: string, { app, io, session, load }: SlashContext): Promise<SlashOutcome> {
  if (name === "") throw new AppError("bad-request", { message: "Say which: /load NAME" })
  const chat = await app.chats.load(name)
  if (chat === undefined) {
    await load({ ...session.settings, model: name })
    session.settings = { ...session.settings, model: name }
    return say(io, `Now talking to ${name}.`)
  }
  const { sampling: _, system: __, ...base } = session.settings
  const loaded = fromSavedChat(chat, { ...base, sampling: {} })
  await load(loaded.settings)
  session.settings = loaded.settings
  session.messages.splice(0, session.messages.length, ...loaded.messages)
  return say(io, `The chat ${name} is back, with ${loaded.settings.model}.`)
}

async function runSave(name: string, { app, io, session }: SlashContext): Promise<SlashOutcome> {
  if (name === "") throw new AppError("bad-request", { message: "Give it a name: /save NAME" })
  await app.chats.save(name, toSavedChat(session))
  return say(io, `Saved. fireside run ${name} takes it up again.`)
}

// The command line as commander sees it. Only the module of the command that is called is imported; the others are known by their line.

import { AppError } from "@fireside/protocol"
import { Command, CommanderError, Option } from "commander"
import { COMMANDS, type CommandEntry } from "./command-module.ts"
import type { CommandContext, GlobalFlags } from "./context.ts"
import { VERSION } from "./version.ts"

export interface Program {
  /** Throws `AppError` for a wrong call. Resolves when the command's action has ended. */
  run(argv: readonly string[]): Promise<void>
  readonly command: Command
}

export interface ProgramOptions {
  readonly context: CommandContext
  /** Commands whose modules are loaded; the others are only listed. */
  readonly loaded: ReadonlySet<CommandEntry>
  /** Called with the parsed global flags before an action. */
  readonly onFlags: (flags: GlobalFlags) => void
  /** What `fireside` alone does: given only when the arguments name no command. */
  readonly onNoCommand?: () => Promise<void>
}

const EXAMPLES = `
Examples:
  fireside                                        look at this machine, get a model that fits, and chat
  fireside run smollm2:135m "Why is the sky blue?"
  git diff | fireside run qwen3:4b "Write a commit message"
  fireside privacy ledger                         every connection that was ever made
`

export async function createProgram(options: ProgramOptions): Promise<Program> {
  const { context, loaded, onFlags, onNoCommand } = options
  const program = new Command("fireside")
    .description("Open language models on your own computer. Nothing leaves it unless you say so.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .addOption(new Option("--home <folder>", "data folder (default: FIRESIDE_HOME, or the platform's place)"))
    .addOption(
      new Option(
        "--engine <name>",
        "what computes: llama, or echo, which repeats you and needs no weights",
      ).choices(["llama", "echo"]),
    )
    .option("--json", "print JSON for programs")
    .option("--verbose", "print timings and details on standard error")
    .option("-y, --yes", "answer yes to questions")
    .addHelpText("after", EXAMPLES)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.io.out(text),
      // Errors are thrown, and printed in one place.
      writeErr: () => {},
    })
    .hook("preAction", (root) => onFlags(readFlags(root)))

  for (const entry of COMMANDS) {
    const command = program.command(entry.name).summary(entry.summary).description(sentence(entry.summary))
    for (const alias of entry.aliases ?? []) command.alias(alias)
    if (loaded.has(entry)) (await entry.load()).define(command, context)
  }
  inherit(program)
  // An action of the root would take every unknown word as its argument, and hide that it is no command.
  if (onNoCommand !== undefined) program.action(onNoCommand)

  return {
    command: program,
    async run(argv) {
      try {
        await program.parseAsync([...argv], { from: "user" })
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error
        if (error.exitCode === 0) return
        throw asUsageError(error, calledCommand(program, argv))
      }
    },
  }
}

/** The first two words that are no flags: the command, and what `help` is asked about. */
function leadingWords(argv: readonly string[]): readonly string[] {
  const words: string[] = []
  for (let at = 0; at < argv.length && words.length < 2; at += 1) {
    const word = argv[at] ?? ""
    if (word === "--") break
    if (word === "--home" || word === "--engine") at += 1
    else if (!word.startsWith("-")) words.push(word)
  }
  return words
}

export const namesNoCommand = (argv: readonly string[]): boolean => leadingWords(argv).length === 0

/** The entry that the arguments name, so that its module alone is loaded. `help NAME` names it too. */
export function findCalled(argv: readonly string[]): CommandEntry | undefined {
  const [first, second] = leadingWords(argv)
  const name = first === "help" ? second : first
  return COMMANDS.find((entry) => entry.name === name || entry.aliases?.includes(name ?? ""))
}

/** Global flags before anything is parsed: how an error is printed must not depend on the error. */
export const wantsJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf("--")
  return argv.slice(0, end < 0 ? undefined : end).includes("--json")
}

function readFlags(root: Command): GlobalFlags {
  const { home, engine, json = false, verbose = false, yes = false } = root.opts<Partial<GlobalFlags>>()
  return {
    json,
    verbose,
    yes,
    ...(home === undefined ? {} : { home }),
    ...(engine === undefined ? {} : { engine }),
  }
}

/** Subcommands made with `.command()` inherit these only when they are set before. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent)
    inherit(command)
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** The command that a wrong call was meant for: its usage line is the most helpful one. */
function calledCommand(program: Command, argv: readonly string[]): Command {
  let command = program
  for (const word of argv) {
    const next = command.commands.find((it) => it.name() === word || it.aliases().includes(word))
    if (next !== undefined) command = next
  }
  return command
}

function asUsageError(error: CommanderError, command: Command): AppError {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n")
  const suggestion = rest
    .join(" ")
    .trim()
    .replace(/^\((.*)\)$/, "$1")
  const lacksCommand = error.code === "commander.help"
  const shown = lacksCommand ? "A command is missing" : capitalised(first)
  const path = [command.name()]
  for (let parent = command.parent; parent !== null; parent = parent.parent) path.unshift(parent.name())
  const names = lacksCommand ? `\nCommands: ${command.commands.map((it) => it.name()).join(", ")}` : ""
  const usage = `Usage: ${path.join(" ")} ${command.usage()}${names}`
  return new AppError("usage", {
    message: shown.endsWith(".") ? shown : `${shown}.`,
    hint: suggestion === "" ? usage : `${suggestion}\n${usage}`,
    cause: error,
  })
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

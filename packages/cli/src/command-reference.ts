// Every command and flag as data, read off the same definitions that parse them: the reference page is generated from it.
import type { Command } from "commander"
import { COMMANDS } from "./command-module.ts"
import type { CommandContext } from "./context.ts"
import { createProgram } from "./program.ts"

export interface ArgumentReference {
  readonly name: string
  readonly description: string
  readonly required: boolean
  readonly variadic: boolean
}

export interface FlagReference {
  /** `-y, --yes`, `--top-k <n>`. */
  readonly flags: string
  readonly description: string
  readonly choices?: readonly string[]
  /** Heading in the help; empty for the ordinary ones. */
  readonly group: string
}

export interface CommandReference {
  /** `fireside privacy ledger`. */
  readonly path: string
  readonly aliases: readonly string[]
  readonly usage: string
  readonly description: string
  readonly arguments: readonly ArgumentReference[]
  readonly flags: readonly FlagReference[]
  readonly commands: readonly CommandReference[]
}

/** `fireside` itself, with all commands below it. Opens nothing. */
export async function commandReference(): Promise<CommandReference> {
  const { command } = await createProgram({
    context: UNUSED,
    loaded: new Set(COMMANDS),
    onFlags: () => {},
  })
  return describeCommand(command, "")
}

/** Definitions keep the context for their actions, which do not run here. */
const UNUSED = Object.freeze({}) as CommandContext

function describeCommand(command: Command, above: string): CommandReference {
  const path = above === "" ? command.name() : `${above} ${command.name()}`
  return {
    path,
    aliases: command.aliases(),
    usage: `${path} ${command.usage()}`,
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      description: argument.description,
      required: argument.required,
      variadic: argument.variadic,
    })),
    flags: command.options
      .filter((option) => !option.hidden)
      .map((option) => ({
        flags: option.flags,
        description: option.description,
        group: (option.helpGroupHeading ?? "").replace(/:$/, ""),
        ...(option.argChoices === undefined ? {} : { choices: option.argChoices }),
      })),
    commands: command.commands.map((child) => describeCommand(child, path)),
  }
}

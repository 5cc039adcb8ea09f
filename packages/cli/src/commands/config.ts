// `fireside config`: settings, where each comes from, and the file they are kept in.

import type { Setting } from "@fireside/app"
import type { Command } from "commander"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

export const config: CommandModule = {
  define(command, context) {
    addList(command, context)
    command
      .command("get")
      .description("Print one setting.")
      .argument("<key>", "its name, as list shows it")
      .action(async (key: string) => {
        const setting = await (await context.app()).settings.get(key)
        await context.io.out(context.flags.json ? toJsonLine(setting) : `${shown(setting)}\n`)
      })
    command
      .command("set")
      .description("Change one setting in the settings file.")
      .argument("<key>", "its name, as list shows it")
      .argument("<value>", "its new value")
      .action(async (key: string, value: string) => {
        const { settings } = await context.app()
        const setting = await settings.set(key, value)
        if (context.flags.json) return context.io.out(toJsonLine(setting))
        context.io.err(`${key} is now ${stripEscapes(shown(setting))}.\n`)
        if (setting.source === "environment" || setting.source === "flag")
          context.io.err(
            `A ${setting.source === "flag" ? "flag" : "variable of the environment"} still overrides it.\n`,
          )
      })
    command
      .command("path")
      .description("Print where the settings file is.")
      .action(async () => {
        const { path } = (await context.app()).settings
        await context.io.out(context.flags.json ? toJsonLine({ path }) : `${path}\n`)
      })
  },
}

function addList(command: Command, context: CommandContext): void {
  command
    .command("list")
    .alias("ls")
    .description("Print every setting, its value and where it comes from.")
    .action(async () => {
      const settings = await (await context.app()).settings.list()
      if (context.flags.json) return context.io.out(toJsonLine(settings))
      const rows = settings.map((it) => [it.key, shown(it), it.source, it.description])
      await context.io.out(formatTable(["KEY", "VALUE", "FROM", "MEANING"], rows))
    })
}

const shown = ({ value }: Setting): string =>
  value === undefined || value === null ? "-" : typeof value === "string" ? value : JSON.stringify(value)

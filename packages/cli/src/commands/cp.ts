// `fireside cp FROM TO`: a second name for the same file; no bytes are copied.
import type { CommandModule } from "../command-module.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

export const cp: CommandModule = {
  define(command, context) {
    command
      .argument("<from>", "a model in your library")
      .argument("<to>", "its new name")
      .action(async (from: string, to: string) => {
        await (await context.app()).models.copy(from, to)
        if (context.flags.json) return context.io.out(toJsonLine({ name: to }))
        context.io.err(`${stripEscapes(to)} is now a name of ${stripEscapes(from)}.\n`)
      })
  },
}

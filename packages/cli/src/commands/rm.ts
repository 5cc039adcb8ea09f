// `fireside rm MODEL…`: removes names; a file goes with its last name.
import { AppError } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import { formatSize } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

export const rm: CommandModule = {
  define(command, context) {
    command.argument("<models...>", "names to remove").action(async (names: readonly string[]) => {
      const { io, flags } = context
      const { models } = await context.app()
      const removed: { name: string; freedBytes: number }[] = []
      let failure: AppError | undefined
      for (const name of names) {
        try {
          const { freedBytes } = await models.remove(name)
          removed.push({ name, freedBytes })
          if (flags.json) continue
          const freed =
            freedBytes > 0
              ? `, ${formatSize(freedBytes)} freed`
              : "; its file has other names or another owner"
          io.err(`Removed ${stripEscapes(name)}${freed}.\n`)
        } catch (error) {
          // The others are removed all the same; the first failure is the command's.
          if (!(error instanceof AppError) || error.code === "interrupted") throw error
          failure ??= error
        }
      }
      if (flags.json) await io.out(toJsonLine(removed))
      if (failure !== undefined) throw failure
    })
  },
}

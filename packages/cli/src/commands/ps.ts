// `fireside ps`: what is loaded, by whichever process of this data folder.
import type { CommandModule } from "../command-module.ts"
import { formatSize, formatUntil, shortDigest } from "../terminal/format.ts"
import { toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

export const ps: CommandModule = {
  define(command, context) {
    command.action(async () => {
      const { io, flags } = context
      const running = await (await context.app()).models.running()
      if (flags.json) return io.out(toJsonLine(running))
      if (running.length === 0) return io.err("No model is loaded.\n")
      const rows = running.map((model) => [
        model.name,
        shortDigest(model.digest),
        formatSize(model.sizeBytes),
        model.memoryBytes === null ? "-" : formatSize(model.memoryBytes),
        model.processor,
        String(model.contextLength),
        model.expiresAt === null ? "stopped" : formatUntil(new Date(model.expiresAt), context.date()),
      ])
      await io.out(formatTable(["NAME", "ID", "SIZE", "MEMORY", "PROCESSOR", "CONTEXT", "UNTIL"], rows))
    })
  },
}

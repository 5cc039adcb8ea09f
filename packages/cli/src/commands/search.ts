// `fireside search [WORDS]`: the catalogue, and with `--remote` the hub.
import type { CommandModule } from "../command-module.ts"
import { formatSize } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

export const search: CommandModule = {
  define(command, context) {
    command
      .argument("[words...]", "words that must all occur (default: everything)")
      .option("--remote", "ask the hub too; goes over the network")
      .action(async (words: readonly string[], { remote = false }: { remote?: boolean }) => {
        const { io, flags, signal } = context
        const query = words.join(" ")
        const found = await (await context.app()).models.search(query, { remote }, signal)
        if (flags.json) return io.out(toJsonLine(found))
        if (found.length === 0) {
          const hint = remote
            ? "Fewer words find more."
            : "Fewer words find more; --remote asks the hub as well."
          io.err(`Nothing fits ${JSON.stringify(stripEscapes(query))}.\n${io.errColours.dim(hint)}\n`)
          return
        }
        const rows = found.map((entry) => [
          entry.name,
          entry.approximateSizeBytes > 0 ? `~${formatSize(entry.approximateSizeBytes)}` : "-",
          entry.licence.name,
          entry.installed ? "yes" : "",
          entry.goodFor,
        ])
        await io.out(formatTable(["NAME", "SIZE", "LICENCE", "HERE", "GOOD FOR"], rows))
      })
  },
}

// `fireside list`: what is in the library, newest first.
import type { CommandModule } from "../command-module.ts"
import { formatAge, formatSize, shortDigest } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

export const list: CommandModule = {
  define(command, context) {
    command.argument("[filter]", "only names that begin with this").action(async (filter = "") => {
      const { io, flags } = context
      const all = await (await context.app()).models.list()
      const prefix = String(filter).toLowerCase()
      const models = all
        .filter((model) => model.name.toLowerCase().startsWith(prefix))
        .sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt))
      if (flags.json) return io.out(toJsonLine(models))
      if (models.length === 0) {
        const none =
          all.length === 0 ? "Your library is empty." : `No model's name begins with ${stripEscapes(prefix)}.`
        io.err(
          `${none}\n${io.errColours.dim("fireside search shows what there is, fireside pull MODEL gets it.")}\n`,
        )
        return
      }
      const rows = models.map((model) => [
        model.name,
        shortDigest(model.digest),
        formatSize(model.sizeBytes),
        model.problem === undefined
          ? formatAge(new Date(model.modifiedAt), context.date())
          : `broken: ${model.problem}`,
      ])
      await io.out(formatTable(["NAME", "ID", "SIZE", "MODIFIED"], rows))
    })
  },
}

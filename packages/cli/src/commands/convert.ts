// `fireside convert MODEL --to TYPE`: a copy with another type of weights, measured against its original; `--back` undoes it.
import { AppError } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import { shortDigest } from "../terminal/format.ts"
import { followJob } from "../terminal/progress.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

interface ConvertFlags {
  readonly to?: string
  readonly name?: string
  readonly force?: boolean
  readonly back?: boolean
}

export const convert: CommandModule = {
  define(command, context) {
    command
      .argument("<model>", "a model in your library")
      .option("--to <type>", "the type of the copy's weights: q8_0, q5_1, q5_0, q4_1, q4_0, f16, bf16")
      .option("--name <name>", "the copy gets this name, and the model keeps its own")
      .option("--force", "keep a copy that is worse or no faster")
      .option("--back", "give the name back to the original, and remove the copy")
      .action(async (model: string, { to, name, force, back }: ConvertFlags) => {
        const { io, flags, signal } = context
        if (back === true) requireAlone({ to, name, force })
        const { models } = await context.app()
        if (back === true) {
          const original = await models.convertBack(model)
          if (flags.json) return io.out(toJsonLine(original))
          io.err(`${stripEscapes(original.name)} is the original again.\n`)
          return
        }
        if (to === undefined)
          throw new AppError("usage", {
            message: "What should the model be converted to?",
            hint: "fireside convert MODEL --to q8_0, or fireside convert MODEL --back",
          })
        const request = {
          model,
          to,
          ...(name === undefined ? {} : { name }),
          ...(force === undefined ? {} : { force }),
        }
        const made = await followJob(context, models.convert(request, signal))
        if (flags.json) return
        const { green } = io.errColours
        io.err(`${green("✓")} ${stripEscapes(made.name)} is ready (${shortDigest(made.digest)})\n`)
      })
  },
}

function requireAlone(others: Readonly<Record<string, unknown>>): void {
  const given = Object.entries(others).find(([, value]) => value !== undefined)
  if (given === undefined) return
  throw new AppError("usage", {
    message: `--back cannot be given with --${given[0]}.`,
    hint: "fireside convert MODEL --back",
  })
}

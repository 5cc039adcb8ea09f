// `fireside create NAME -f FILE`: a model out of another one, as its Modelfile says.
import { dirname, resolve } from "node:path"
import { MODELFILE_LIMITS } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import { withMissingModel } from "../missing-model.ts"
import { shortDigest } from "../terminal/format.ts"
import { followJob } from "../terminal/progress.ts"
import { readInput } from "../terminal/read-input.ts"
import { readNamedFile } from "../terminal/read-named-file.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

interface CreateFlags {
  readonly file: string
  readonly acceptLicence?: boolean
}

export const create: CommandModule = {
  define(command, context) {
    command
      .argument("<name>", "the name of the new model")
      .option("-f, --file <file>", "the Modelfile; - reads standard input", "Modelfile")
      .option("--accept-licence", "accept the licence of the base when it must be downloaded")
      .action(async (name: string, { file, acceptLicence = false }: CreateFlags) => {
        const { io, flags, signal } = context
        const { models } = await context.app()
        const text =
          file === "-"
            ? await readInput(context, { limit: MODELFILE })
            : await readNamedFile(resolve(file), HOW_TO_NAME)
        // Paths in the file are meant from where it lies.
        const folder = file === "-" ? process.cwd() : dirname(resolve(file))
        const { request, notices } = await models.parseModelfile(text, { name, folder })
        for (const message of notices) {
          if (flags.json) await io.out(toJsonLine({ type: "notice", message }))
          else io.err(`${io.errColours.dim(stripEscapes(message))}\n`)
        }
        const created = await withMissingModel(context, { reference: request.from, acceptLicence }, () =>
          followJob(context, models.create(request, signal)),
        )
        if (flags.json) return
        io.err(
          `${io.errColours.green("✓")} ${stripEscapes(created.name)} is ready (${shortDigest(created.digest)})\n`,
        )
      })
  },
}

const MODELFILE = { bytes: MODELFILE_LIMITS.bytes, of: "a Modelfile" }
const HOW_TO_NAME = "Name the Modelfile with -f FILE, or give it on standard input with -f -."

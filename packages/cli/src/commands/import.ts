// `fireside import FILE`: a GGUF file of the user's becomes a model of the library.
import { basename, resolve } from "node:path"
import type { CommandModule } from "../command-module.ts"
import { shortDigest } from "../terminal/format.ts"
import { followJob } from "../terminal/progress.ts"
import { stripEscapes } from "../terminal/strip-escapes.ts"

export const importCommand: CommandModule = {
  define(command, context) {
    command
      .argument("<file>", "a GGUF file")
      .option("--name <name>", "its name in the library (default: from the file's name)")
      .action(async (file: string, { name }: { name?: string }) => {
        const { io, flags, signal } = context
        const { models } = await context.app()
        const imported = await followJob(
          context,
          models.importFile(resolve(file), name ?? nameOf(file), signal),
        )
        if (flags.json) return
        io.err(
          `${io.errColours.green("✓")} ${stripEscapes(imported.name)} is ready (${shortDigest(imported.digest)})\n`,
        )
      })
  },
}

/** `SmolLM2-135M.Q4_1.gguf` → `smollm2-135m.q4_1`. */
export function nameOf(file: string): string {
  const name = basename(file)
    .replace(/\.gguf$/i, "")
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
  return name === "" ? "model" : name
}

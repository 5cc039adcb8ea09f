// `fireside verify [MODEL…]`: reads every byte and compares with the digest.
import type { CommandModule } from "../command-module.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

export const verify: CommandModule = {
  define(command, context) {
    command
      .argument("[models...]", "models to check (default: all)")
      .action(async (names: readonly string[]) => {
        const { io, flags, signal } = context
        const { models } = await context.app()
        const wanted = names.length > 0 ? names : (await models.list()).map((model) => model.name)
        const { green, red, dim } = io.outColours
        const checks = []
        for (const name of wanted) {
          const check = await models.verify(name, signal)
          checks.push(check)
          if (flags.json) continue
          const mark = check.ok ? green("✓") : red("✗")
          await io.out(`${mark} ${stripEscapes(check.name)} ${dim(stripEscapes(check.message))}\n`)
          if (!check.ok)
            io.err(`${io.errColours.dim(`Get it again with: fireside pull ${stripEscapes(check.name)}`)}\n`)
        }
        if (flags.json) await io.out(toJsonLine(checks))
        else if (checks.length === 0) io.err("There is nothing to check: your library is empty.\n")
        if (checks.some((check) => !check.ok)) context.setExitCode(1)
      })
  },
}

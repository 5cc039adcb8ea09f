// `fireside stop MODEL`: unloads it in every process; its owner loads it again when it is asked something.
import { AppError } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import { counted } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

/** A process that does not answer within this time has its engine ended. */
const PATIENCE_MS = 10_000

export const stop: CommandModule = {
  define(command, context) {
    command.argument("<model>", "a model that ps lists").action(async (model: string) => {
      const { io, flags } = context
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(PATIENCE_MS)])
      const stopped = await (await context.app()).models.stop(model, signal)
      if (stopped === 0)
        throw new AppError("not-found", {
          message: `${model} is not loaded.`,
          hint: "fireside ps lists what is.",
        })
      if (flags.json) return io.out(toJsonLine({ name: model, stopped }))
      io.err(
        `Unloaded ${stripEscapes(model)}${stopped > 1 ? ` (${counted(stopped, "process", "processes")})` : ""}.\n`,
      )
    })
  },
}

// `fireside stop [MODEL]`: a model is unloaded in every process, and its owner loads it again when it is asked something; without a model
// the running server ends.
import type { Paths, ProcessRegistry } from "@fireside/host"
import { AppError, HTTP_LIMITS } from "@fireside/protocol"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { counted } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

/** A process that does not answer within this time has its engine ended. */
const PATIENCE_MS = 10_000
/** The server gives its running answers a moment. */
const SERVER_PATIENCE_MS = HTTP_LIMITS.gracefulStopMs + 5_000
const POLL_MS = 50

export const stop: CommandModule = {
  define(command, context) {
    command
      .argument("[model]", "a model that ps lists; without one the server is stopped")
      .action((model: string | undefined) =>
        model === undefined ? stopServer(context) : stopModel(context, model),
      )
  },
}

async function stopModel(context: CommandContext, model: string): Promise<void> {
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
}

async function stopServer(context: CommandContext): Promise<void> {
  const { io, flags } = context
  const { config, log } = await context.open({ local: true })
  const { paths } = config
  const [{ connectToServer }, { createProcessRegistry }] = await Promise.all([
    import("../server-connection.ts"),
    import("@fireside/host"),
  ])
  const registry = createProcessRegistry(paths)
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(SERVER_PATIENCE_MS)])
  const connection = await connectToServer({ paths, log })
  if (connection !== undefined) await connection.client.stopServer(signal)
  else if (!(await signalServers(registry)))
    throw new AppError("not-found", {
      message: "No server of this data folder is running.",
      hint: "To unload a model, name it: fireside stop MODEL",
    })
  await ended(registry, paths, signal)
  if (flags.json) return io.out(toJsonLine({ server: connection?.url ?? null, stopped: 1 }))
  io.err(`Stopped the server${connection === undefined ? "" : ` at ${stripEscapes(connection.url)}`}.\n`)
}

/** For a server that does not answer. Its process is known by more than its number. */
async function signalServers(registry: ProcessRegistry): Promise<boolean> {
  const servers = (await registry.list()).filter((entry) => entry.what === "server")
  for (const { id } of servers) await registry.signal(id, "SIGTERM")
  return servers.length > 0
}

async function ended(
  registry: ProcessRegistry,
  paths: Pick<Paths, "run">,
  signal: AbortSignal,
): Promise<void> {
  const { readServerFile } = await import("@fireside/server")
  const runs = async (): Promise<boolean> =>
    (await readServerFile(paths)) !== undefined ||
    (await registry.list()).some((entry) => entry.what === "server")
  while (await runs()) {
    if (signal.aborted)
      throw new AppError("held", {
        message: "The server was asked to stop and has not ended yet.",
        hint: "It may still be finishing answers. Ask again, or see its log.",
      })
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

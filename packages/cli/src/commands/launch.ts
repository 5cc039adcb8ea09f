// `fireside launch TOOL`: starts a program of others with Fireside as its server, or prints what it must be told.
import { join } from "node:path"
import type { Environment } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import { Option } from "commander"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import {
  LAUNCH_TOOLS,
  type LaunchedProgram,
  type LaunchTarget,
  type LaunchTool,
} from "../launch/launch-tools.ts"
import { commandLine, exportLine, SHELLS, type Shell } from "../launch/shell-lines.ts"
import type { ServerConnection } from "../server-connection.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

export interface LaunchFlags {
  readonly print?: boolean
  readonly model?: string
  readonly key?: string
  readonly shell: Shell
}

export const launch: CommandModule = {
  define(command, context) {
    command
      .argument("<tool>", LAUNCH_TOOLS.map((tool) => tool.name).join(", "))
      .argument("[arguments...]", "what the program gets; put -- in front of flags")
      .option("--print", "print what the program must be told, and start nothing")
      .option("--model <model>", "the model it uses (default: the one used last)")
      .option("--key <key>", "the key it sends; without it one is made when the server asks for keys")
      .addOption(
        new Option("--shell <shell>", "the shell that --print writes for").choices(SHELLS).default("posix"),
      )
      .action(async (name: string, rest: readonly string[], flags: LaunchFlags) => {
        const tool = await findTool(name)
        if (flags.print === true || tool.type === "settings") await print(context, tool, rest, flags)
        else await start(context, tool, rest, flags)
      })
  },
}

async function findTool(name: string): Promise<LaunchTool> {
  const tool = LAUNCH_TOOLS.find((it) => it.name === name.toLowerCase())
  if (tool !== undefined) return tool
  const { closestName } = await import("@fireside/host")
  const names = LAUNCH_TOOLS.map((it) => it.name)
  const close = closestName(name, names)
  throw new AppError("usage", {
    message: `${name} is not a program that can be launched.`,
    hint: close === undefined ? `There are: ${names.join(", ")}.` : `Did you mean ${close}?`,
  })
}

async function print(
  context: CommandContext,
  tool: LaunchTool,
  rest: readonly string[],
  flags: LaunchFlags,
): Promise<void> {
  const { io } = context
  const { NO_KEY, takesAnyKey } = await import("../launch/launch-key.ts")
  const { connection, configuredUrl, certificate } = await findServer(context)
  const model = await chooseModel(context, flags)
  const target = { url: connection?.url ?? configuredUrl, key: flags.key ?? NO_KEY, model }
  const needsKey =
    flags.key === undefined && connection !== undefined && !(await takesAnyKey(connection, context.signal))
  if (needsKey)
    io.err(
      `The server lets "${NO_KEY}" not pass for a key. Make one with: fireside key create --name ${tool.name}; then give it with --key.\n`,
    )
  if (tool.type === "settings") {
    const text = tool.settings(target)
    if (context.flags.json) return io.out(toJsonLine({ tool: tool.name, file: tool.file, settings: text }))
    io.err(`${tool.title} is told in ${tool.file}:\n`)
    return io.out(`${stripEscapes(text)}\n`)
  }
  const environment = { ...tool.environment(target), ...certificate }
  const command = [tool.program, ...(tool.arguments?.(target) ?? []), ...rest]
  if (context.flags.json) return io.out(toJsonLine({ tool: tool.name, environment, command }))
  const lines = Object.entries(environment).map(([name, value]) => exportLine(flags.shell, name, value))
  await io.out(`${lines.map(stripEscapes).join("\n")}\n`)
  io.err(`Then start it with: ${stripEscapes(commandLine(flags.shell, command))}\n`)
  if (flags.key === undefined && connection === undefined)
    io.err("If the server asks for a key, make one with fireside key create, and give it with --key.\n")
}

async function start(
  context: CommandContext,
  tool: LaunchedProgram,
  rest: readonly string[],
  flags: LaunchFlags,
): Promise<void> {
  const [{ readEnvironment, runAttached }, { findProgram }, { launchKey }] = await Promise.all([
    import("@fireside/host"),
    import("../launch/find-program.ts"),
    import("../launch/launch-key.ts"),
  ])
  const own = readEnvironment()
  const program = await findProgram(tool.program, own, context.installation.platform)
  if (program === undefined) throw programMissing(tool)
  const { connection, certificate } = await findServer(context)
  if (connection === undefined)
    throw new AppError("network-failed", {
      message: `${tool.title} needs a running server, and there is none of this data folder.`,
      hint: "Start it in another terminal with: fireside serve",
    })
  const model = await chooseModel(context, flags)
  const app = await context.app()
  const name = `${tool.name} ${context.date().toISOString()}`
  await using made =
    flags.key === undefined
      ? await launchKey({ connection, keys: app.keys, name }, context.signal)
      : { key: flags.key, async [Symbol.asyncDispose]() {} }
  const target: LaunchTarget = { url: connection.url, key: made.key, model }
  context.io.err(`${tool.title} with ${stripEscapes(model)} at ${stripEscapes(connection.url)}\n`)
  // Ctrl-C is for the program: the terminal sends it there too.
  const release = context.holdInterrupts(() => {})
  try {
    const exitCode = await runAttached(
      {
        program,
        args: [...(tool.arguments?.(target) ?? []), ...rest],
        environment: mergeEnvironment(own, { ...tool.environment(target), ...certificate }),
      },
      context.signal,
    )
    if (exitCode === undefined) throw programMissing(tool)
    context.setExitCode(exitCode)
  } finally {
    release()
  }
}

const programMissing = ({ title, program, install }: LaunchedProgram): AppError =>
  new AppError("program-missing", {
    message: `${title} is not installed: there is no ${program} in the folders of PATH.`,
    hint: `Install it: ${install}`,
  })

interface FoundServer {
  readonly connection: ServerConnection | undefined
  /** Where a server would be. */
  readonly configuredUrl: string
  /** What programs must be told to trust the server's own certificate. */
  readonly certificate: Readonly<Record<string, string>>
}

async function findServer(context: CommandContext): Promise<FoundServer> {
  const { config, log } = await context.open({ local: true })
  const { host, port } = config.values
  const { connectToServer } = await import("../server-connection.ts")
  const connection = await connectToServer({ paths: config.paths, log })
  const isOwn = connection?.certificatePem !== undefined
  return {
    connection,
    configuredUrl: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    certificate: isOwn ? { NODE_EXTRA_CA_CERTS: join(config.paths.home, "tls", "certificate.pem") } : {},
  }
}

async function chooseModel(context: CommandContext, flags: LaunchFlags): Promise<string> {
  const model = flags.model ?? (await (await context.app()).lastModel())
  if (model !== undefined) return model
  throw new AppError("usage", {
    message: "Which model it is to use is not known: none was used yet.",
    hint: "Name one with --model MODEL; fireside list shows yours.",
  })
}

/** The user's own environment with what the program must be told; an empty text unsets. */
function mergeEnvironment(
  own: Environment,
  told: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const merged = { ...own }
  for (const [name, value] of Object.entries(told)) {
    if (value === "") delete merged[name]
    else merged[name] = value
  }
  return merged
}

// Our program as a user starts it: from the bundle or from the sources, with a data folder that has the model.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { runTool } from "../run-tool.ts"

export interface FiresideCommand {
  readonly kind: "bundle" | "source"
  readonly node: string
  readonly entry: string
  readonly env: Readonly<Record<string, string>>
}

/** Undefined: `npm run build` has not been run. */
export function bundleCommand(root: string, home: string): FiresideCommand | undefined {
  const entry = join(root, "dist", "fireside.js")
  return existsSync(entry)
    ? { kind: "bundle", node: process.execPath, entry, env: environment(home) }
    : undefined
}

export function sourceCommand(root: string, home: string): FiresideCommand {
  return {
    kind: "source",
    node: process.execPath,
    entry: join(root, "packages", "cli", "src", "main.ts"),
    env: { ...environment(home), NODE_COMPILE_CACHE: join(home, "node-compile") },
  }
}

const environment = (home: string) => ({ FIRESIDE_HOME: home, FIRESIDE_OFFLINE: "true" })

/** Puts the model file into the data folder of `command` under `name`. */
export async function importModel(
  command: FiresideCommand,
  model: { readonly path: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const args = [command.entry, "import", model.path, "--name", model.name]
  await runTool(command.node, args, { env: command.env, timeoutMs: 120_000 }, signal)
}

export interface AnswerTimes {
  /** Program started → first byte of the answer on standard output. */
  readonly firstTokenMs: number
  /** Program started → its end. */
  readonly wholeMs: number
  readonly text: string
}

/** Starts the program with `args` and takes the time of its first output. Throws when it fails or says nothing. */
export async function timeAnswer(
  command: FiresideCommand,
  args: readonly string[],
  signal: AbortSignal,
): Promise<AnswerTimes> {
  const startedAt = performance.now()
  const child = spawn(command.node, [command.entry, ...args], {
    env: { ...process.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  })
  let firstAt: number | undefined
  let text = ""
  let errors = ""
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    firstAt ??= performance.now()
    text += chunk
  })
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    errors = `${errors}${chunk}`.slice(-2_000)
  })
  const [code] = await once(child, "close")
  if (code !== 0 || firstAt === undefined)
    throw new Error(`fireside ${args[0]} ended with ${code} and ${text.length} characters: ${errors.trim()}`)
  return { firstTokenMs: firstAt - startedAt, wholeMs: performance.now() - startedAt, text }
}

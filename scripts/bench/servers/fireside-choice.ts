// `fireside serve` as a contestant: the bundle as it is installed, with the real engine and the model imported.
import { Agent } from "node:http"
import { join } from "node:path"
import { streamChat } from "../http/stream-chat.ts"
import { bundleCommand, type FiresideCommand, importModel, sourceCommand } from "../ours/fireside-command.ts"
import { serveFireside } from "../ours/fireside-server.ts"
import type { Bench } from "../scenario.ts"
import type { ChatServer, ServerChoice } from "./chat-server.ts"

export const FIRESIDE = "fireside serve"
export const MODEL_NAME = "bench"

export interface FiresideOptions {
  /** Of `fireside serve`. */
  readonly flags?: readonly string[]
  /** Settings, as the environment gives them. */
  readonly settings?: Readonly<Record<string, string>>
  /** Defaults to the bench's. */
  readonly modelPath?: string
  /** Of the contestant, when there are two of ours. */
  readonly name?: string
  /** After the model is imported: models made of it, pinned files. */
  readonly afterImport?: (command: FiresideCommand, signal: AbortSignal) => Promise<void>
  /** The first thing asked, so that the model is loaded. Defaults to a short chat. */
  readonly warmUp?: (server: ChatServer, signal: AbortSignal) => Promise<unknown>
}

/** What `prepareFireside` gives: a data folder that has the model, and the command that works in it. */
export async function prepareFireside(
  bench: Bench,
  options: Pick<FiresideOptions, "settings" | "modelPath" | "afterImport">,
  signal: AbortSignal,
): Promise<{ readonly command: FiresideCommand; readonly home: string }> {
  const home = join(bench.workFolder, "home")
  const found = bundleCommand(bench.root, home) ?? sourceCommand(bench.root, home)
  // A model that went away between two rounds would be loaded in the middle of the next.
  const settings = { FIRESIDE_KEEP_ALIVE: "12h", ...options.settings }
  const command = { ...found, env: { ...found.env, ...settings } }
  await importModel(command, { path: options.modelPath ?? bench.modelPath, name: MODEL_NAME }, signal)
  await options.afterImport?.(command, signal)
  return { command, home }
}

/** Imports the model at once; the server starts when it is asked to. */
export async function firesideChoice(
  bench: Bench,
  options: FiresideOptions,
  signal: AbortSignal,
): Promise<ServerChoice> {
  const { flags = [], warmUp = sayHello, name = FIRESIDE } = options
  const { command, home } = await prepareFireside(bench, options, signal)
  return {
    name,
    description: describeFireside(command, flags),
    async start(startSignal) {
      const served = await serveFireside(command, { home, engine: "llama", flags }, startSignal)
      const agent = new Agent({ keepAlive: true })
      const server: ChatServer = {
        url: served.url,
        pid: served.pid,
        model: MODEL_NAME,
        agent,
        async [Symbol.asyncDispose]() {
          agent.destroy()
          await served[Symbol.asyncDispose]()
        },
      }
      try {
        await warmUp(server, startSignal)
      } catch (error) {
        await server[Symbol.asyncDispose]()
        throw error
      }
      return server
    },
  }
}

export function describeFireside(command: FiresideCommand, flags: readonly string[] = []): string {
  const program = command.kind === "bundle" ? "dist/fireside.js" : "packages/cli/src/main.ts"
  return `${["node", program, "serve", ...flags].join(" ")}, the real engine on its prebuilt libraries`
}

/** A model is loaded by its first request. */
export async function sayHello(server: ChatServer, signal: AbortSignal): Promise<void> {
  const messages = [{ role: "user", content: "Say hello." }] as const
  await streamChat(server, { model: server.model, messages, max_tokens: 8, temperature: 0 }, signal)
}

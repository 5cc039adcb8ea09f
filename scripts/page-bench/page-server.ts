// The product's server with the engine without weights, for one run of the bench.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url))

export interface PageServer extends AsyncDisposable {
  readonly url: string
  /** When its process was started, by `performance.now()`. */
  readonly startedAt: number
}

/** `folder`: its data folder is in there, the same one at each call. */
export async function startPageServer(folder: string): Promise<PageServer> {
  const startedAt = performance.now()
  const args = [MAIN, "--engine", "echo", "serve", "--port", "0", "--ollama-port", "off", "--json"]
  const child = spawn(process.execPath, args, {
    // Room for long answers beside the questions that they repeat.
    env: { ...process.env, FIRESIDE_HOME: join(folder, "home"), FIRESIDE_CONTEXT_LENGTH: "131072" },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const closed = once(child, "close")
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    startedAt,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM")
      await closed
    },
  }
}

// A program that has nothing to do with us and keeps one processor busy: a compile job, a video call, a browser tab.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"

/** It ends by itself when its parent is gone, so that a crashed benchmark leaves nothing running. */
const SPIN = `const parent = process.ppid
process.stdout.write("busy")
for (let i = 0; ; i++) if (i % 100_000_000 === 0 && process.ppid !== parent) process.exit()`

const TASKSET = "/usr/bin/taskset"

/** Resolves when the processor is being used. Closed with `await using`: only the process started here is ended. */
export async function keepBusy(cpu: number, signal: AbortSignal): Promise<AsyncDisposable> {
  const args = ["-e", SPIN]
  const pinned = existsSync(TASKSET)
  const [command, rest] = pinned
    ? [TASKSET, ["--cpu-list", String(cpu), process.execPath, ...args]]
    : [process.execPath, args]
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "ignore"], signal, killSignal: "SIGKILL" })
  const ended = once(child, "close").catch(() => undefined) // an abort ends it as well
  await once(child.stdout, "data")
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL")
      await ended
    },
  }
}

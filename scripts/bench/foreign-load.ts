// A program that has nothing to do with us and keeps one processor busy: a compile job, a video call, a browser tab.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"

/** It ends by itself when its parent is gone, so that a crashed benchmark leaves nothing running. */
const SPIN = `const parent = process.ppid
process.stdout.write("busy")
for (let i = 0; ; i++) if (i % 100_000_000 === 0 && process.ppid !== parent) process.exit()`

const TASKSET = "/usr/bin/taskset"

export interface ForeignLoad extends AsyncDisposable {
  readonly pid: number
}

/** Resolves when the processor is being used. Closed with `await using`: only the process started here is ended. */
export async function keepBusy(cpu: number, signal: AbortSignal): Promise<ForeignLoad> {
  const args = ["-e", SPIN]
  const pinned = existsSync(TASKSET)
  const [command, rest] = pinned
    ? [TASKSET, ["--cpu-list", String(cpu), process.execPath, ...args]]
    : [process.execPath, args]
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "ignore"], signal, killSignal: "SIGKILL" })
  // An abort is told as an error before the process is gone; only its end counts.
  child.once("error", () => {})
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  await once(child.stdout, "data")
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL")
      await ended
    },
  }
}

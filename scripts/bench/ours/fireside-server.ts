// Our server as a user starts it: with the echo engine what is measured is ours alone, with the real one it is what users get.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { freePort } from "../http/free-port.ts"
import type { FiresideCommand } from "./fireside-command.ts"

export interface ServedFireside extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Program started → `/health` answers 200. */
  readonly healthMs: number
  /** `performance.now()` right before the program was started. */
  readonly startedAtMs: number
}

export interface ServeChoice {
  readonly home: string
  readonly engine: "echo" | "llama"
  readonly flags?: readonly string[]
}

const RETRY_MS = 2

/** Throws when the program ends before it answers. */
export async function serveFireside(
  command: FiresideCommand,
  { home, engine, flags = [] }: ServeChoice,
  signal: AbortSignal,
): Promise<ServedFireside> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const args = ["--engine", engine, "serve", "--port", String(port), "--ollama-port", "off", ...flags]
  const child = spawn(command.node, [command.entry, ...args], {
    env: { ...process.env, ...command.env, FIRESIDE_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  })
  let errors = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-2_000)
  })
  const closed = once(child, "close")
  const endWithUs = () => child.kill("SIGTERM")
  process.once("exit", endWithUs)
  const end = async (): Promise<void> => {
    process.off("exit", endWithUs)
    child.kill("SIGTERM")
    await closed
  }
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  try {
    while (!(await answersOk(`${url}/health`))) {
      signal.throwIfAborted()
      if (ended())
        throw new Error(`fireside serve ended with ${child.signalCode ?? child.exitCode}: ${errors.trim()}`)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    const healthMs = performance.now() - startedAt
    const pid = await listeningPid(home, ended, signal)
    return { url, pid, healthMs, startedAtMs: startedAt, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** The program may be a child of the launcher; the server's own file, written right after it listens, names the process. */
async function listeningPid(home: string, ended: () => boolean, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted()
    if (ended()) throw new Error("fireside serve ended; does another program have its port?")
    const text = await readFile(join(home, "run", "server.json"), "utf8").catch(() => undefined)
    // Ours, written in one step.
    if (text !== undefined) return (JSON.parse(text) as { pid: number }).pid
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true
}

/** Memory that would come back if the process and its children ended, bytes (PSS); undefined where the system does not say. */
export async function pssBytes(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => undefined)
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(text ?? "")?.[1]
  if (kibibytes === undefined) return undefined
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "")
  let sum = Number(kibibytes) * 1_024
  for (const child of children
    .trim()
    .split(/\s+/)
    .filter((it) => it !== ""))
    sum += (await pssBytes(Number(child))) ?? 0
  return sum
}

/** Processor time that the process and its living children have taken, seconds, to the nanosecond: the system's own count of ticks is too coarse for a process that sleeps. */
export async function processSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  if (threads.length === 0) throw new Error("this system does not say how much time a process took")
  let sum = 0
  for (const thread of threads) {
    // Nanoseconds on a processor, nanoseconds waiting for one, turns. A thread may have ended since.
    const spent = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0")
    sum += Number(spent.split(" ")[0]) / 1e9
  }
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "")
  for (const child of children.split(/\s+/).filter((it) => it !== ""))
    sum += await processSeconds(Number(child))
  return sum
}

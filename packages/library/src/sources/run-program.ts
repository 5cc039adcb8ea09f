// Runs one program of the user's (a package client) to its end, with the environment that it is given and nothing else.
import { type ChildProcess, spawn } from "node:child_process"
import type { Environment } from "@fireside/host"
import { systemCode } from "@fireside/host"

export interface ProgramRun {
  /** Program and its first arguments. */
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly folder: string
  readonly environment: Environment
  /** Lines of standard output as they come. */
  readonly onLine?: (line: string) => void
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  /** The beginning of standard output, and the end of standard error: both bounded. */
  readonly output: string
  readonly errors: string
}

const OUTPUT_CHARACTERS = 256 * 1024
const ERROR_CHARACTERS = 16 * 1024
/** Between asking it to end and ending it. */
const GRACE_MS = 2_000

/** Undefined when there is no such program. Rejects with the signal's reason; the program and its children have ended then. */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramEnd | undefined> {
  signal.throwIfAborted()
  const [program = "", ...first] = run.command
  const child = spawn(program, [...first, ...run.args], {
    cwd: run.folder,
    env: run.environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that stopping it stops what it started.
    detached: process.platform !== "win32",
    windowsHide: true,
  })
  let output = ""
  let errors = ""
  let line = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output.length < OUTPUT_CHARACTERS) output += text
    line = (line + text).slice(-ERROR_CHARACTERS)
    const lines = line.split(/\r?\n|\r/)
    line = lines.pop() ?? ""
    for (const whole of lines) run.onLine?.(whole)
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-ERROR_CHARACTERS)
  })
  const stop = (): void => endGroup(child)
  signal.addEventListener("abort", stop, { once: true })
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject)
      child.once("close", resolve)
    })
    signal.throwIfAborted()
    return { code, output, errors }
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "EACCES") return undefined
    throw error
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

function endGroup(child: ChildProcess): void {
  sendSignal(child, "SIGTERM")
  const timer = setTimeout(() => sendSignal(child, "SIGKILL"), GRACE_MS)
  child.once("close", () => clearTimeout(timer))
}

function sendSignal(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === "win32") child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // It has ended already, which is what was wanted.
  }
}

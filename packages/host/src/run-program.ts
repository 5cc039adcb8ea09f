// Runs one program of the user's (a package client) to its end: no shell, the environment that it is given and nothing else, bounded output.
import { type ChildProcess, spawn } from "node:child_process"
import type { Environment } from "./config/environment.ts"
import { systemCode } from "./write-error.ts"

export interface ProgramRun {
  /** Program and its first arguments. */
  readonly command: readonly string[]
  readonly args: readonly string[]
  /** Where it runs. */
  readonly folder: string
  readonly environment: Environment
  /** Lines of standard output as they come, also those that end in a carriage return. */
  readonly onLine?: (line: string) => void
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  /** The beginning of standard output, and the end of standard error: both bounded. */
  readonly output: string
  readonly errors: string
}

const OUTPUT_CHARACTERS = 256 * 1_024
const ERROR_CHARACTERS = 16 * 1_024
/** Between asking it to end and ending it. */
const GRACE_MS = 2_000
/** What it left running may keep its output open; this long it is still listened to. */
const DRAIN_MS = 500

/**
 * Undefined when there is no such program. On an aborted signal the program and what it started are told to end, and killed two seconds
 * later; this rejects with the signal's reason. On Windows scripts (`.cmd`) cannot be started without a shell: name the program that they call.
 */
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
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(0, OUTPUT_CHARACTERS)
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-ERROR_CHARACTERS)
  })
  if (run.onLine !== undefined) child.stdout.on("data", splitLines(run.onLine))
  const stop = (): void => endGroup(child)
  signal.addEventListener("abort", stop, { once: true })
  try {
    const code = await endOf(child)
    signal.throwIfAborted()
    return { code, output, errors }
  } catch (error) {
    const isMissing = systemCode(error) === "ENOENT" || systemCode(error) === "EACCES"
    if (isMissing && !signal.aborted) return undefined
    throw error
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((settle, refuse) => {
    child.once("error", refuse)
    child.once("close", settle)
    child.once("exit", (code) => {
      setTimeout(() => settle(code), DRAIN_MS).unref()
    })
  })
}

function splitLines(onLine: (line: string) => void): (text: string) => void {
  let rest = ""
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? "").slice(0, ERROR_CHARACTERS)
    for (const line of lines) onLine(line)
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

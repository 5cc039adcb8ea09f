// Runs one program of the user's on the user's own terminal: its input, output and signals are the terminal's, its environment is what is given.
import { spawn } from "node:child_process"
import { constants } from "node:os"
import type { Environment } from "./config/environment.ts"
import { systemCode } from "./write-error.ts"

export interface AttachedRun {
  /** Absolute path, or a name that is looked up in the environment's PATH. */
  readonly program: string
  readonly args: readonly string[]
  readonly environment: Environment
}

/**
 * The exit code, as a shell gives it: 128 and the number for a program that a signal ended. Undefined when there is no such program.
 * An aborted signal is passed on as SIGTERM; the program's own end is waited for.
 */
export async function runAttached(
  { program, args, environment }: AttachedRun,
  signal: AbortSignal,
): Promise<number | undefined> {
  signal.throwIfAborted()
  const child = spawn(program, [...args], { env: environment, stdio: "inherit" })
  const stop = (): void => void child.kill("SIGTERM")
  signal.addEventListener("abort", stop, { once: true })
  try {
    return await new Promise((settle, refuse) => {
      child.once("error", refuse)
      child.once("close", (code, name) => settle(code ?? 128 + (name === null ? 0 : constants.signals[name])))
    })
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "EACCES") return undefined
    throw error
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

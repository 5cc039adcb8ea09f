// Starts a program, waits for its end, gives its output. Ends only what it started.
import { spawn } from "node:child_process"

export interface ToolOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Undefined: as long as it takes. */
  readonly timeoutMs?: number
  /** Called with each line of standard error, for progress. */
  readonly onLine?: (line: string) => void
}

/** Standard output. Throws with the last lines of standard error when the program fails or takes too long. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions,
  signal: AbortSignal,
): Promise<string> {
  const limits = options.timeoutMs === undefined ? [signal] : [signal, AbortSignal.timeout(options.timeoutMs)]
  const stop = AbortSignal.any(limits)
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    signal: stop,
    killSignal: "SIGKILL",
  })
  let output = ""
  let errors = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-4_000)
    for (const line of text.split("\n")) if (line.trim() !== "") options.onLine?.(line)
  })
  return await new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(
        stop.aborted && !signal.aborted
          ? new Error(`${command} took longer than ${options.timeoutMs} ms`)
          : cause,
      )
    })
    child.once("close", (code, killedBy) => {
      if (code === 0) resolve(output)
      else
        reject(
          new Error(
            `${command} ended with ${killedBy ?? code}: ${errors.trim().split("\n").slice(-3).join(" / ")}`,
          ),
        )
    })
  })
}

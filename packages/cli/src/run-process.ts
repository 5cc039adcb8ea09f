// The command line as a process: real streams, real signals, and an end that does not lose the last line.
import { constants } from "node:os"
import process from "node:process"
import { runCli } from "./cli.ts"
import { createIo } from "./terminal/io.ts"

interface Environment {
  readonly NO_COLOR?: string
  readonly TERM?: string
}

export async function runProcess(environment: Environment): Promise<void> {
  const plain = (environment.NO_COLOR ?? "") !== "" || environment.TERM === "dumb"
  const io = createIo(process, { plain })
  const exitCode = await runCli({
    argv: process.argv.slice(2),
    io,
    signals: {
      onInterrupt: (listener) => void process.on("SIGINT", listener),
      onTerminate: (listener) => {
        process.on("SIGTERM", listener)
        if (constants.signals.SIGHUP !== undefined) process.on("SIGHUP", listener)
      },
      exitNow: (code) => process.exit(code),
    },
    openApp: async (flags) => {
      const { openApp } = await import("@fireside/app")
      return openApp({
        ...(flags.home === undefined ? {} : { home: flags.home }),
        ...(flags.engine === undefined ? {} : { engine: flags.engine }),
      })
    },
    date: () => new Date(),
    now: () => performance.now(),
  })
  await flushed(process.stdout)
  await flushed(process.stderr)
  process.exit(exitCode)
}

/** A pipe may still be writing; a closed one never tells. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableEnded || stream.destroyed || stream.errored !== null) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once("error", () => resolve())
    stream.write("", () => resolve())
  })
}

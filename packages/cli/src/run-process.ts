// The command line as a process: real streams, real signals, and an end that does not lose the last line.
import { constants } from "node:os"
import process from "node:process"
import { guessRunFlags, openEarly } from "./early-app.ts"
import { openHere } from "./open-here.ts"

interface Environment {
  readonly NO_COLOR?: string
  readonly TERM?: string
}

export async function runProcess(environment: Environment): Promise<void> {
  const argv = process.argv.slice(2)
  const guessed = guessRunFlags(argv)
  const early = guessed === undefined ? undefined : await openEarly(guessed)
  const [{ runCli }, { createIo }] = await Promise.all([import("./cli.ts"), import("./terminal/io.ts")])
  const plain = (environment.NO_COLOR ?? "") !== "" || environment.TERM === "dumb"
  const io = createIo(process, { plain })
  const exitCode = await runCli({
    argv,
    io,
    signals: {
      onInterrupt: (listener) => void process.on("SIGINT", listener),
      onTerminate: (listener) => {
        process.on("SIGTERM", listener)
        if (constants.signals.SIGHUP !== undefined) process.on("SIGHUP", listener)
      },
      exitNow: (code) => process.exit(code),
    },
    openApp: async (flags, { local = false, settings, streams }) => {
      const wanted = {
        ...(flags.home === undefined ? {} : { home: flags.home }),
        ...(flags.engine === undefined ? {} : { engine: flags.engine }),
      }
      if (!local) return (await early?.take(wanted)) ?? openHere(wanted)
      const { openApp } = await import("@fireside/app")
      return openApp({
        ...wanted,
        ...(settings === undefined ? {} : { settings }),
        ...(streams === undefined ? {} : { streams }),
      })
    },
    installation: { command: [process.execPath, process.argv[1] ?? "fireside"], platform: process.platform },
    date: () => new Date(),
    now: () => performance.now(),
  })
  await early?.[Symbol.asyncDispose]()
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

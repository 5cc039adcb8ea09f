// One call of the command line from its arguments to its exit code: context, program, signals, errors, and closing the app.
import type { OpenedApp } from "@fireside/app"
import { AppError, toErrorBody } from "@fireside/protocol"
import type { CommandContext, GlobalFlags, Installation, OpenHow } from "./context.ts"
import { createProgram, findCalled, namesNoCommand, wantsJson } from "./program.ts"
import type { Io } from "./terminal/io.ts"
import { printError } from "./terminal/print-error.ts"

/** Signals of the process, passed in so that tests can send them. */
export interface Signals {
  /** Calls `listener` on SIGINT. */
  onInterrupt(listener: () => void): void
  /** Calls `listener` on SIGTERM and SIGHUP. */
  onTerminate(listener: () => void): void
  /** Leaves at once, without closing anything. */
  exitNow(code: number): void
}

export interface CliOptions {
  readonly argv: readonly string[]
  readonly io: Io
  readonly signals: Signals
  readonly openApp: (flags: GlobalFlags, how: OpenHow) => Promise<OpenedApp>
  readonly installation: Installation
  readonly date: () => Date
  readonly now: () => number
}

const INTERRUPTED = 130

export async function runCli(options: CliOptions): Promise<number> {
  const { argv, io, signals, openApp, installation, date, now } = options
  const stopping = new AbortController()
  let flags: GlobalFlags = { json: wantsJson(argv), verbose: false, yes: false }
  let opened: Promise<OpenedApp> | undefined
  let holder: (() => void) | undefined
  let exitCode = 0
  let readerLeft = false

  const abort = (message: string): void => stopping.abort(new AppError("interrupted", { message }))
  signals.onInterrupt(() => {
    if (holder !== undefined) return holder()
    if (stopping.signal.aborted) signals.exitNow(INTERRUPTED)
    abort("Interrupted.")
  })
  signals.onTerminate(() => {
    if (stopping.signal.aborted) signals.exitNow(INTERRUPTED)
    abort("Ended by a signal.")
  })
  io.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // `fireside list | head -1`: nobody reads any more, which is no failure of ours.
    if (error.code === "EPIPE") readerLeft = true
    abort("Standard output was closed.")
  })
  io.stderr.on("error", () => {})

  const context: CommandContext = {
    io,
    get flags() {
      return flags
    },
    app: async () => (await context.open()).app,
    open(how = {}) {
      opened ??= openApp(flags, how).then((it) => {
        if (it.noColour) io.disableColours()
        return it
      })
      return opened
    },
    installation,
    signal: stopping.signal,
    holdInterrupts(onInterrupt) {
      holder = onInterrupt
      return () => {
        holder = undefined
      }
    },
    exitNow: (code) => signals.exitNow(code),
    date,
    now,
    setExitCode: (code) => {
      exitCode = code
    },
  }

  try {
    const called = findCalled(argv)
    const program = await createProgram({
      context,
      loaded: new Set(called === undefined ? [] : [called]),
      onFlags: (read) => {
        flags = read
      },
      ...(namesNoCommand(argv)
        ? { onNoCommand: async () => (await import("./commands/start.ts")).start(context) }
        : {}),
    })
    await program.run(argv)
  } catch (error) {
    const body = toErrorBody(error)
    const there = await opened?.catch(() => undefined)
    if (body.code === "internal")
      there?.log.error(body.message, {
        stack: error instanceof Error ? error.stack : undefined,
        argv: argv[0],
      })
    if (!readerLeft)
      exitCode = printError(io, body, { json: flags.json, verbose: flags.verbose, logs: there?.logs })
  }
  try {
    await (await opened?.catch(() => undefined))?.app[Symbol.asyncDispose]()
  } catch (error) {
    if (exitCode === 0)
      exitCode = printError(io, toErrorBody(error), { json: flags.json, verbose: false, logs: undefined })
  }
  return exitCode
}

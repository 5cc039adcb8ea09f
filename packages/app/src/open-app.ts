// The app on this machine: settings, then the real parts, each imported and opened at its first use.
import { type Config, createLog, type Log, loadConfig, SYSTEM_CLOCK } from "@fireside/host"
import type { App } from "./app.ts"
import { connectParts } from "./connect-parts.ts"
import { createApp } from "./create-app.ts"

export interface OpenAppFlags {
  /** Data folder. */
  readonly home?: string
  readonly engine?: "llama" | "echo"
  /** Settings that a command's own flags give, by their keys. */
  readonly settings?: Readonly<Record<string, unknown>>
  /**
   * Generations at once of each model: a number, or `auto` for a server: the setting `parallel`, otherwise as many as fit, at most 4 (256 of
   * the echo). Defaults to 1: a terminal asks one thing at a time, and more streams take memory from its context.
   */
  readonly streams?: number | "auto"
}

export interface OpenedApp {
  readonly app: App
  readonly log: Log
  readonly config: Config
  /** Folder of the log files. */
  readonly logs: string
  /** The settings ask for text without colours. */
  readonly noColour: boolean
}

/** Throws `bad-config`. Makes and opens nothing yet. */
export async function openApp({ settings, streams, ...own }: OpenAppFlags): Promise<OpenedApp> {
  const load = (): Config => loadConfig({ flags: { ...settings, ...own } })
  const config = load()
  const log = createDeferredLog(() => createLog({ paths: config.paths, level: config.values.logLevel }))
  const parts = connectParts({
    config,
    reload: async () => load(),
    log,
    clock: SYSTEM_CLOCK,
    ...(streams === undefined ? {} : { streams }),
  })
  return { app: createApp(parts), log, config, logs: config.paths.logs, noColour: config.values.noColor }
}

type Level = "debug" | "info" | "warn" | "error"

/** The log is opened at its first line: a command that has nothing to log pays nothing. */
function createDeferredLog(open: () => Promise<Log>, fields: Readonly<Record<string, unknown>> = {}): Log {
  let opened: Promise<Log> | undefined
  const openOnce = (): Promise<Log> => {
    opened ??= open()
    return opened
  }
  const at = (carried: Readonly<Record<string, unknown>>): Log => {
    const write =
      (level: Level) =>
      (message: string, more: Readonly<Record<string, unknown>> = {}): void => {
        openOnce().then(
          (log) => log[level](message, { ...carried, ...more }),
          // Nowhere to write that there is nowhere to write; the command itself meets the same disk.
          () => {},
        )
      }
    return {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      with: (more) => at({ ...carried, ...more }),
    }
  }
  return at(fields)
}

// The log on disk: JSON lines through pino into `logs/fireside.log`.
import { join } from "node:path"
import type { Logger } from "pino"
import type { Log } from "./log.ts"
import type { Paths } from "./paths.ts"
import { openRotatingFile, type RotatingFile } from "./rotating-file.ts"

export type LogLevel = "debug" | "info" | "warn" | "error"

export interface LogOptions {
  readonly paths: Pick<Paths, "logs">
  /** Lines below it are dropped. Defaults to `info`. */
  readonly level?: LogLevel
  /** Defaults to 8 MiB a file. */
  readonly maxBytes?: number
  /** Old files that stay. Defaults to 3. */
  readonly kept?: number
}

/**
 * A log that appends to `logs/fireside.log` (0600). The folder is made at the first line. Writing never throws and never waits for the disk
 * to have synchronised; ordinary lines are written within `FLUSH_MS`, others at once. Errors in a field named `error` are written with type, message and stack.
 */
export async function createLog({
  paths,
  level = "info",
  maxBytes = 8 * 1_024 * 1_024,
  kept = 3,
}: LogOptions): Promise<Log> {
  // The default: a bundle of a library of the old kind has no named exports.
  const { default: pino } = await import("pino")
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: "message",
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    gathered(openRotatingFile({ path: join(paths.logs, "fireside.log"), maxBytes, kept })),
  )
  return wrap(logger)
}

const FLUSH_MS = 100
const GATHERED_BYTES = 64 * 1_024

/** A busy server writes a line for each request: they go out together, but never later than warnings, errors and the end of the process. */
function gathered(file: RotatingFile): { write(line: string): void } {
  let lines = ""
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines === "") return
    const text = lines
    lines = ""
    file.write(text)
  }
  process.once("exit", flush)
  return {
    write(line) {
      lines += line
      if (lines.length >= GATHERED_BYTES || !line.startsWith(ORDINARY)) return flush()
      timer ??= setTimeout(flush, FLUSH_MS).unref()
    },
  }
}

const ORDINARY = '{"level":"info"'

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    with: (fields) => wrap(logger.child(fields)),
  }
}

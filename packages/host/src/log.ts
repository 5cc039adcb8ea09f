// The log as others see it. JSON lines through pino; prompts and documents are never logged.

export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
  /** A log that carries these fields on every line. */
  with(fields: Readonly<Record<string, unknown>>): Log
}

/** A log that drops everything: for tests, and where there is no data folder yet. */
export const SILENT_LOG: Log = Object.freeze({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => SILENT_LOG,
})

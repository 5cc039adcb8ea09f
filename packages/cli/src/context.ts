// What every command is given: the terminal, the global flags, the app (opened at its first use) and the signal that ends the work.
import type { App, OpenedApp } from "@fireside/app"
import type { Io } from "./terminal/io.ts"

export interface GlobalFlags {
  /** Data folder. */
  readonly home?: string
  readonly engine?: "llama" | "echo"
  readonly json: boolean
  readonly verbose: boolean
  /** Answers yes to what a question would ask. */
  readonly yes: boolean
}

export interface OpenHow {
  /** Everything in this process, whether a server runs or not. Defaults to false. */
  readonly local?: boolean
  /** Settings that the command's own flags give; only for a local app. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** For a server: several answers of a model at once. Defaults to one. */
  readonly streams?: "auto"
}

/** How this program is called, for other programs. */
export interface Installation {
  /** Program and first arguments. */
  readonly command: readonly string[]
  readonly platform: NodeJS.Platform
}

export interface CommandContext {
  readonly io: Io
  /** Read when an action runs: before, the arguments are not parsed. */
  readonly flags: GlobalFlags
  /** The same app at each call. Opened with the global flags; closed when the command has ended. */
  app(): Promise<App>
  /** The app with its settings and its log. How it is opened is decided by the first call, of this or of `app`. */
  open(how?: OpenHow): Promise<OpenedApp>
  readonly installation: Installation
  /** Aborts on Ctrl-C, on SIGTERM and when the reader of standard output has left. */
  readonly signal: AbortSignal
  /**
   * Hands Ctrl-C over to an interactive command: while held, it does not abort the signal. Returns what gives it back.
   */
  holdInterrupts(onInterrupt: () => void): () => void
  /** Leaves at once, without closing anything: for a user who does not want to wait. */
  exitNow(code: number): void
  /** Wall clock. */
  date(): Date
  /** Milliseconds, monotonic. */
  now(): number
  /** For a run that did its work, and whose outcome is still no success (`doctor`, `verify`). */
  setExitCode(code: number): void
}

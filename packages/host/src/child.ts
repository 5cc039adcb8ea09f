// The one place that starts processes of ours. Engine children, and later parser and trainer children, are Node processes without
// network, with a scrubbed environment and a channel of bounded messages.

export type SandboxLevel = "full" | "partial" | "none"

export interface ChildOptions {
  /** Absolute path of the module to run. */
  readonly entry: string
  readonly args?: readonly string[]
  /** Variables the child sees besides PATH, LANG and the like; nothing else is inherited. */
  readonly environment?: Readonly<Record<string, string>>
  readonly nodeArguments?: readonly string[]
  /** Extra pipes from parent to child, as file descriptors 4, 5, … of the child. */
  readonly extraPipes?: number
  /** Folders that stay writable where the sandbox makes files read-only. Defaults to none. */
  readonly writable?: readonly string[]
  /** `auto`: the strongest that works here. `none`: for systems where it does not work though it seems to. Defaults to `auto`. */
  readonly sandbox?: "auto" | "none"
}

export type ChildExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

export interface Child {
  /** Of the sandbox's own process where it stays in between (level `full`); 0 when nothing could be started. */
  readonly pid: number
  readonly sandbox: SandboxLevel
  /** Structured-clone messages; false when the channel is closed. */
  send(message: unknown): boolean
  onMessage(listener: (message: unknown) => void): void
  /** The child sent bytes that are no message, or too many; it has been killed. The listener gets the end of "the process sent …". */
  onBadMessage(listener: (what: string) => void): void
  /** The most bytes of a message that begins from now on. `CHILD_LIMITS.frameBytes` until it is set. */
  setMessageLimit(frameBytes: number): void
  /** Lines of standard error, bounded in length and number. */
  onErrorLine(listener: (line: string) => void): void
  /** Settles always, also when the program could not be started (`code` null, `signal` null). Never rejects. */
  readonly exited: Promise<ChildExit>
  /** Write end of extra pipe `index`. */
  pipe(index: number): NodeJS.WritableStream
  kill(signal: NodeJS.Signals): void
}

// The one place that starts processes of ours. Engine children, and later parser and trainer children, are Node processes without
// network, with a scrubbed environment and an IPC channel.

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
}

export type ChildExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

export interface Child {
  readonly pid: number
  readonly sandbox: SandboxLevel
  /** Structured-clone messages; false when the channel is closed. */
  send(message: unknown): boolean
  onMessage(listener: (message: unknown) => void): void
  /** Lines of standard error, bounded in length and number. */
  onErrorLine(listener: (line: string) => void): void
  readonly exited: Promise<ChildExit>
  /** Write end of extra pipe `index`. */
  pipe(index: number): NodeJS.WritableStream
  kill(signal: NodeJS.Signals): void
}

// The child's end of the channel that `startChild` opens. Imports nothing else of this package: a child starts in milliseconds.
import { Socket } from "node:net"
import { createFrameReader, encodeFrame } from "./frames.ts"

/** The descriptor after stdin, stdout and stderr. */
const CHANNEL_FD = 3

export interface ParentChannel {
  /** Readable when a message has come that this process did not hear yet. */
  readonly fd: number
  /** Structured clone. Written at once where the system takes it, also in the middle of a long call. */
  send(message: unknown): void
}

export interface ParentListener {
  onMessage(message: unknown): void
  /** The parent is gone: the child must end. */
  onClosed(): void
}

/** For the program of a child that `startChild` started; keeps the process alive until the parent is gone. */
export function openParentChannel({ onMessage, onClosed }: ParentListener): ParentChannel {
  const socket = new Socket({ fd: CHANNEL_FD, readable: true, writable: true })
  // The parent is trusted: it is the same version of the same program.
  const reader = createFrameReader({ onMessage, onBad: onClosed })
  socket.on("data", (chunk: Buffer) => reader.push(chunk))
  // A broken pipe is followed by `close`.
  socket.on("error", () => {})
  socket.on("close", onClosed)
  return { fd: CHANNEL_FD, send: (message) => void socket.write(encodeFrame(message)) }
}

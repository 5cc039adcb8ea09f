// Files of chats: an export onto the disk or standard output, which no one else may read, and one that is brought in.
import { open } from "node:fs/promises"
import { AppError } from "@fireside/protocol"
import type { Io } from "../terminal/io.ts"
import { describeUnreadable } from "../terminal/read-named-file.ts"
import { createEscapeStripper } from "../terminal/strip-escapes.ts"

export interface Pieces {
  readonly pieces: AsyncIterable<string>
  readonly io: Io
  /** Undefined: standard output. */
  readonly path: string | undefined
}

/** What goes to a terminal cannot drive it; what goes elsewhere is as it is. Throws `cannot-write`. */
export async function writeChatFile({ pieces, io, path }: Pieces, signal: AbortSignal): Promise<void> {
  if (path === undefined) {
    const stripper = createEscapeStripper()
    for await (const piece of pieces) {
      signal.throwIfAborted()
      await io.out(io.stdoutIsTerminal ? stripper.strip(piece) : piece)
    }
    return
  }
  try {
    await using file = await open(path, "w", 0o600)
    for await (const piece of pieces) {
      signal.throwIfAborted()
      await file.write(piece)
    }
    await file.sync()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof AppError || code === undefined) throw cause
    throw new AppError("cannot-write", {
      message: `${path} cannot be written (${code}).`,
      hint: "Name another place with --output.",
      cause,
    })
  }
}

/** The bytes of a file that the user named. Throws `bad-request` when it cannot be read. */
export async function* readChatFile(path: string): AsyncGenerator<Uint8Array, void> {
  try {
    await using file = await open(path, "r")
    for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>)
      yield chunk
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof AppError || code === undefined) throw cause
    throw new AppError("bad-request", {
      message: describeUnreadable(path, code),
      hint: "Give a file of conversations: conversations.json of ChatGPT or Claude, or an export.",
      cause,
    })
  }
}

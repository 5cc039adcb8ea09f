// Standard input to its end, with a bound, and with a word to the user where nothing comes.
import { fstatSync } from "node:fs"
import { AppError } from "@fireside/protocol"
import type { CommandContext } from "../context.ts"

/** After this a waiting command says what it waits for. */
const PATIENCE_MS = 2_000
/** A program that starts us and never writes to our socket means no input; one that writes does so at once. */
const SOCKET_MS = 250

export interface ReadInput {
  /** Nothing may come at all: a program that started us with an open socket is not waited for. Defaults to false. */
  readonly mayBeSilent?: boolean
  readonly limit: { readonly bytes: number; readonly of: string }
}

/** Throws `bad-request` when it is too long. */
export async function readInput(
  { io, signal }: CommandContext,
  { mayBeSilent = false, limit }: ReadInput,
): Promise<string> {
  const { stdin } = io
  const chunks: Buffer[] = []
  let size = 0
  const silent = new AbortController()
  const patience = setTimeout(() => io.err("waiting for standard input to end (Ctrl-D)\n"), PATIENCE_MS)
  const silence = mayBeSilent && isSocket(stdin) ? setTimeout(() => silent.abort(), SOCKET_MS) : undefined
  const ended = AbortSignal.any([signal, silent.signal])
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => resolve()
      ended.addEventListener("abort", onAbort, { once: true })
      stdin.on("data", (chunk: Buffer | string) => {
        clearTimeout(silence)
        const bytes = Buffer.from(chunk)
        size += bytes.length
        chunks.push(bytes)
        if (size > limit.bytes) reject(tooLong(limit))
      })
      stdin.on("end", resolve)
      stdin.on("error", reject)
      stdin.resume()
      if (ended.aborted) onAbort()
    })
  } finally {
    clearTimeout(patience)
    clearTimeout(silence)
    stdin.removeAllListeners("data")
    stdin.pause()
  }
  signal.throwIfAborted()
  return Buffer.concat(chunks).toString("utf8")
}

function tooLong({ bytes, of }: ReadInput["limit"]): AppError {
  return new AppError("bad-request", {
    message: `Standard input is longer than ${bytes} bytes, the most that ${of} may have.`,
  })
}

/** Shells connect pipes and files; sockets come from programs, which often leave them open. */
function isSocket(stdin: NodeJS.ReadableStream): boolean {
  const { fd } = stdin as { fd?: number }
  if (fd === undefined) return false
  try {
    return fstatSync(fd).isSocket()
  } catch {
    return false
  }
}

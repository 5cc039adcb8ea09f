// What to ask once: the argument, standard input, or both. Nothing of either means a chat.
import { fstatSync } from "node:fs"
import { AppError, REQUEST_LIMITS } from "@fireside/protocol"
import type { CommandContext } from "../context.ts"

/** After this a waiting command says what it waits for. */
const PATIENCE_MS = 2_000
/** A program that starts us and never writes to our socket means no input; one that writes does so at once. */
const SOCKET_MS = 250

/** The text to ask; `undefined` for a chat. Throws `usage` when nothing was given and nobody is there to chat. */
export async function readPrompt(
  context: CommandContext,
  argument: string | undefined,
): Promise<string | undefined> {
  const { io } = context
  if (io.stdinIsTerminal) return argument === undefined ? undefined : notEmpty(argument)
  const input = await readInput(context, argument !== undefined)
  const parts = [argument ?? "", input.trimEnd()].filter((part) => part.trim() !== "")
  return notEmpty(parts.join("\n\n"))
}

function notEmpty(text: string): string {
  if (text.trim() !== "") return text
  throw new AppError("usage", {
    message: "There is nothing to ask: the prompt is empty.",
    hint: 'fireside run MODEL "PROMPT", or text on standard input; a terminal opens a chat.',
  })
}

async function readInput({ io, signal }: CommandContext, mayBeSilent: boolean): Promise<string> {
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
        if (size > REQUEST_LIMITS.bodyBytes) reject(tooLong())
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

function tooLong(): AppError {
  return new AppError("bad-request", {
    message: `Standard input is longer than ${REQUEST_LIMITS.bodyBytes} bytes, the most that one question may have.`,
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

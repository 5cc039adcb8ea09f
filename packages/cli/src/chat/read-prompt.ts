// What to ask once: the argument, standard input, or both. Nothing of either means a chat.
import { AppError, REQUEST_LIMITS } from "@fireside/protocol"
import type { CommandContext } from "../context.ts"
import { readInput } from "../terminal/read-input.ts"

/** The text to ask; `undefined` for a chat. Throws `usage` when nothing was given and nobody is there to chat. */
export async function readPrompt(
  context: CommandContext,
  argument: string | undefined,
): Promise<string | undefined> {
  const { io } = context
  if (io.stdinIsTerminal) return argument === undefined ? undefined : notEmpty(argument)
  const input = await readInput(context, {
    mayBeSilent: argument !== undefined,
    limit: { bytes: REQUEST_LIMITS.bodyBytes, of: "one question" },
  })
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

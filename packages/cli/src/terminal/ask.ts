// Questions. Without a terminal nobody can answer, so the command stops and names the flag that answers.
import { AppError } from "@fireside/protocol"
import type { CommandContext } from "../context.ts"

export interface Question {
  readonly message: string
  /** The flag that answers yes: `--yes`, `--accept-licence`. */
  readonly flag: string
  /** What Enter means. Defaults to yes. */
  readonly initial?: boolean
}

/** Throws `consent-needed` without a terminal, `interrupted` on Ctrl-C. */
export async function ask(context: CommandContext, question: Question): Promise<boolean> {
  const { io, signal } = context
  if (!io.stdinIsTerminal || !io.stderrIsTerminal) {
    throw new AppError("consent-needed", {
      message: `This must be answered first: ${question.message}`,
      hint: `There is no terminal to ask on. Add ${question.flag} to say yes.`,
    })
  }
  const { confirm, isCancel } = await import("@clack/prompts")
  const answer = await confirm({
    message: question.message,
    initialValue: question.initial ?? true,
    // Both are terminals here, and terminals are of these classes.
    input: io.stdin as NodeJS.ReadStream,
    output: io.stderr as NodeJS.WriteStream,
    signal,
  })
  signal.throwIfAborted()
  if (isCancel(answer)) throw new AppError("interrupted", { message: "Nothing was done." })
  return answer
}

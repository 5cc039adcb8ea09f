// What of a stored conversation the model reads. The server sends it and the page shows it, so both ask here.
import type { Message } from "./chat-request.ts"
import type { Conversation, StoredMessage } from "./conversation.ts"

/** What the summary of older turns answers, so that user and model still take turns and the system text stays what it is. */
export const SUMMARY_QUESTION = "Summarise our conversation so far."

/** `branch`: from the first message to the one that is answered. */
export function sentMessages(
  { system, shortened }: Pick<Conversation, "system" | "shortened">,
  branch: readonly StoredMessage[],
): readonly Message[] {
  const start = firstSent(shortened, branch)
  const summary: readonly Message[] =
    start === 0 || shortened === null || shortened.summary === ""
      ? []
      : [
          { role: "user", content: SUMMARY_QUESTION },
          { role: "assistant", content: shortened.summary },
        ]
  return [
    ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
    ...summary,
    ...branch
      .slice(start)
      .map(({ message }) => message)
      .filter(saysSomething),
  ]
}

/** Index of the first message that is sent. On a branch that does not have the message of the cut, nothing is left out. */
export function firstSent(
  shortened: Conversation["shortened"],
  branch: readonly Pick<StoredMessage, "id">[],
): number {
  return shortened === null
    ? 0
    : Math.max(
        0,
        branch.findIndex(({ id }) => id === shortened.from),
      )
}

/** An answer that broke off at once is an empty message; templates make a turn of it. */
function saysSomething(message: Message): boolean {
  if (message.role !== "assistant") return true
  return message.content !== "" || (message.toolCalls?.length ?? 0) > 0
}

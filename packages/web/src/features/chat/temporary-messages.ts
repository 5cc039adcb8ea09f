// Messages of a chat that nobody stores, in the form of stored ones, so that the same thread shows them. Pure but for ids and the clock.
import type { Message, StoredMessage } from "@fireside/protocol"
import type { AnswerState } from "./answer-state.ts"

/** `answer`: what is known of the answer that it is. */
export function toStored(message: Message, parentId: string | null, answer?: AnswerState): StoredMessage {
  return {
    id: crypto.randomUUID(),
    conversationId: "temporary",
    parentId,
    message: withReasoning(message, answer?.reasoning ?? ""),
    state: answer === undefined || answer.phase.type === "done" ? "complete" : "partial",
    createdAt: new Date().toISOString(),
    model: answer?.model ?? null,
    usage: answer?.usage ?? null,
    timings: answer?.timings ?? null,
  }
}

function withReasoning(message: Message, reasoning: string): Message {
  return message.role === "assistant" && reasoning !== "" ? { ...message, reasoning } : message
}

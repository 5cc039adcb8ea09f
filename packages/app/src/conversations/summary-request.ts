// What the model is asked when a summary is to stand for older turns. The turns are given as they were said: their results are in memory from
// the answer before, so that only the question is read anew.
import {
  type ChatRequest,
  CONVERSATION_LIMITS,
  type Conversation,
  type StoredMessage,
  sentMessages,
} from "@fireside/protocol"

const INSTRUCTION =
  "Summarise our conversation so far in a few sentences, so that we can go on without it. Keep names, numbers, decisions and open questions. Write only the summary."

export function summaryRequest(
  conversation: Conversation,
  older: readonly StoredMessage[],
): Omit<ChatRequest, "model"> {
  return {
    messages: [...sentMessages(conversation, older), { role: "user", content: INSTRUCTION }],
    sampling: { temperature: 0 },
    maxTokens: CONVERSATION_LIMITS.summaryTokens,
    think: false,
    // A system text or an answer grew meanwhile: what is oldest has been summarised least recently, and the rest still can be.
    overflow: "drop-oldest",
    ...(conversation.contextLength === null ? {} : { contextLength: conversation.contextLength }),
  }
}

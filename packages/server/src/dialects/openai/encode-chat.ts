// A chat's answer, whole or in chunks, in OpenAI's words.
import type { ChatAnswer } from "@fireside/protocol"
import { finishReason } from "./answer-envelope.ts"
import type { ChoiceEvent } from "./choices.ts"
import { encodeLogprobs } from "./logprobs.ts"
import type { StreamEncoder } from "./stream-frames.ts"

/** One of `choices` of a whole answer. */
export function encodeChatChoice(
  answer: ChatAnswer,
  index: number,
  { logprobs }: { logprobs: boolean },
): Record<string, unknown> {
  const { text, reasoning, toolCalls } = answer
  return {
    index,
    message: {
      role: "assistant",
      content: text === "" && toolCalls.length > 0 ? null : text,
      refusal: null,
      ...(reasoning === "" ? {} : { reasoning_content: reasoning, reasoning }),
      ...(toolCalls.length === 0
        ? {}
        : {
            tool_calls: toolCalls.map((call) => ({
              id: call.callId,
              type: "function",
              function: { name: call.name, arguments: call.arguments },
            })),
          }),
    },
    logprobs: logprobs ? encodeLogprobs(answer.logprobs) : null,
    finish_reason: finishReason(answer.reason),
  }
}

/** Chunks of one stream; it remembers which of a choice's tool calls is which. */
export function createChatStream(): StreamEncoder {
  const calls: Map<string, number>[] = []
  return {
    open: (choice) => [chunk(choice, { role: "assistant", content: "" })],
    encode({ choice, event }: ChoiceEvent) {
      switch (event.type) {
        case "text-delta": {
          const { text, logprobs = [] } = event
          if (logprobs.length > 0)
            return [{ ...chunk(choice, { content: text }), logprobs: encodeLogprobs(logprobs) }]
          return text === "" ? [] : [chunk(choice, { content: text })]
        }
        case "reasoning-delta":
          return event.text === ""
            ? []
            : [chunk(choice, { reasoning_content: event.text, reasoning: event.text })]
        case "tool-call-start": {
          calls[choice] ??= new Map()
          const known = calls[choice]
          const index = known.size
          known.set(event.callId, index)
          const call = { name: event.name, arguments: "" }
          return [
            chunk(choice, { tool_calls: [{ index, id: event.callId, type: "function", function: call }] }),
          ]
        }
        case "tool-call-delta": {
          const index = calls[choice]?.get(event.callId)
          return [chunk(choice, { tool_calls: [{ index, function: { arguments: event.arguments } }] })]
        }
        case "finish":
          return [{ ...chunk(choice, {}), finish_reason: finishReason(event.reason) }]
        case "start":
        case "prompt-progress":
        case "tool-call-end":
        case "source":
        case "notice":
        case "error":
          return []
        default:
          return event satisfies never
      }
    },
  }
}

function chunk(index: number, delta: object): object {
  return { index, delta, logprobs: null, finish_reason: null }
}

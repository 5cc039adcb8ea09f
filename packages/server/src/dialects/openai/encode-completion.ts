// A completion's answer, whole or in chunks, in OpenAI's older words.
import type { ChatAnswer } from "@fireside/protocol"
import { finishReason } from "./answer-envelope.ts"
import type { ChoiceEvent } from "./choices.ts"
import { encodeLegacyLogprobs } from "./logprobs.ts"
import type { StreamEncoder } from "./stream-frames.ts"

export interface CompletionEncoding {
  readonly logprobs: boolean
  /** What stands in front of each choice's answer: its prompt, or nothing. */
  readonly echoes: readonly string[]
}

export function encodeCompletionChoice(
  answer: ChatAnswer,
  index: number,
  { logprobs, echoes }: CompletionEncoding,
): Record<string, unknown> {
  const echo = echoes[index] ?? ""
  return {
    text: echo + answer.text,
    index,
    logprobs: logprobs ? encodeLegacyLogprobs(answer.logprobs, echo.length) : null,
    finish_reason: finishReason(answer.reason),
    ...(answer.reasoning === "" ? {} : { reasoning_content: answer.reasoning }),
  }
}

/** Chunks of one stream; it remembers how long each choice's text is, for the offsets of its tokens. */
export function createCompletionStream({ echoes }: CompletionEncoding): StreamEncoder {
  const lengths: number[] = []
  return {
    open(choice) {
      const echo = echoes[choice] ?? ""
      lengths[choice] = echo.length
      return echo === "" ? [] : [chunk(choice, echo)]
    },
    encode({ choice, event }: ChoiceEvent) {
      switch (event.type) {
        case "text-delta": {
          const { text, logprobs = [] } = event
          if (logprobs.length === 0) return text === "" ? [] : [chunk(choice, text)]
          const offset = lengths[choice] ?? 0
          lengths[choice] = logprobs.reduce((sum, it) => sum + it.token.length, offset)
          return [{ ...chunk(choice, text), logprobs: encodeLegacyLogprobs(logprobs, offset) }]
        }
        case "reasoning-delta":
          return event.text === "" ? [] : [{ ...chunk(choice, ""), reasoning_content: event.text }]
        case "finish":
          return [{ ...chunk(choice, ""), finish_reason: finishReason(event.reason) }]
        case "start":
        case "prompt-progress":
        case "tool-call-start":
        case "tool-call-delta":
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

function chunk(index: number, text: string): object {
  return { text, index, logprobs: null, finish_reason: null }
}

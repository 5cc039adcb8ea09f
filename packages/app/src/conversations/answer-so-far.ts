// An answer put together while its events pass by, so that what there is of it can be stored at any moment.
import type { ChatEvent, Message, ToolCall } from "@fireside/protocol"

export type AssistantMessage = Extract<Message, { role: "assistant" }>

export interface AnswerSoFar {
  add(event: ChatEvent): void
  /** The model that answers; undefined before `start`. */
  model(): string | undefined
  message(): AssistantMessage
}

/** `begun`: an answer that goes on. */
export function createAnswerSoFar(begun?: AssistantMessage): AnswerSoFar {
  let model: string | undefined
  const text: string[] = begun === undefined ? [] : [begun.content]
  const reasoning: string[] = begun?.reasoning === undefined ? [] : [begun.reasoning]
  const calls = new Map<string, ToolCall>()
  return {
    add(event) {
      switch (event.type) {
        case "start":
          model = event.model
          break
        case "text-delta":
          text.push(event.text)
          break
        case "reasoning-delta":
          reasoning.push(event.text)
          break
        case "tool-call-start":
          calls.set(event.callId, { callId: event.callId, name: event.name, arguments: "" })
          break
        case "tool-call-delta": {
          const call = calls.get(event.callId)
          if (call !== undefined)
            calls.set(event.callId, { ...call, arguments: call.arguments + event.arguments })
          break
        }
        case "tool-call-end":
        case "prompt-progress":
        case "source":
        case "notice":
        case "finish":
        case "error":
          break
        default:
          event satisfies never
      }
    },
    model: () => model,
    message: () => ({
      role: "assistant",
      content: text.join(""),
      ...(reasoning.length === 0 ? {} : { reasoning: reasoning.join("") }),
      ...(calls.size === 0 ? {} : { toolCalls: [...calls.values()] }),
    }),
  }
}

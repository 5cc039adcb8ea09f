// What is known of an answer while it comes: its events folded into one value. Pure.
import type { ChatEvent, ErrorCode, Timings, Usage, WaitEvent } from "@fireside/protocol"

export type AnswerPhase =
  | { readonly type: "sent" }
  | { readonly type: "queued"; readonly position: number }
  | { readonly type: "loading"; readonly fraction: number }
  | { readonly type: "reading"; readonly doneTokens: number; readonly totalTokens: number }
  | { readonly type: "writing" }
  | { readonly type: "done"; readonly reason: "stop" | "length" | "tool-calls" }
  | {
      readonly type: "failed"
      readonly code: ErrorCode
      readonly message: string
      readonly hint: string | undefined
    }

export interface AnswerState {
  readonly phase: AnswerPhase
  readonly text: string
  readonly reasoning: string
  readonly model: string | undefined
  /** Of the stored message that it becomes. */
  readonly id: string | undefined
  readonly notices: readonly string[]
  readonly usage: Usage | undefined
  readonly timings: Timings | undefined
}

export const NEW_ANSWER: AnswerState = {
  phase: { type: "sent" },
  text: "",
  reasoning: "",
  model: undefined,
  id: undefined,
  notices: [],
  usage: undefined,
  timings: undefined,
}

export function withEvent(state: AnswerState, event: WaitEvent | ChatEvent): AnswerState {
  switch (event.type) {
    case "queue-progress":
      return { ...state, phase: { type: "queued", position: event.position } }
    case "load-progress":
      return { ...state, phase: { type: "loading", fraction: event.fraction } }
    case "start":
      return { ...state, model: event.model, id: event.id }
    case "prompt-progress": {
      const { doneTokens, totalTokens } = event
      return { ...state, phase: { type: "reading", doneTokens, totalTokens } }
    }
    case "text-delta":
      return { ...state, phase: { type: "writing" }, text: state.text + event.text }
    case "reasoning-delta":
      return { ...state, phase: { type: "writing" }, reasoning: state.reasoning + event.text }
    case "notice":
      return { ...state, notices: [...state.notices, event.message] }
    case "finish":
      return {
        ...state,
        phase: { type: "done", reason: event.reason },
        usage: event.usage,
        timings: event.timings,
      }
    case "error":
      return {
        ...state,
        phase: { type: "failed", code: event.code, message: event.message, hint: event.hint },
      }
    case "tool-call-start":
    case "tool-call-delta":
    case "tool-call-end":
    case "source":
      return state
    default:
      return event satisfies never
  }
}

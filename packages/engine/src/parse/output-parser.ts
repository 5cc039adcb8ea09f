// Text of a model → text, reasoning and tool-call events. One parser per family of formats; split-invariant.
import type { ChatEvent, ToolDefinition } from "@fireside/protocol"

export type ParsedPiece = Extract<
  ChatEvent,
  { type: "text-delta" | "reasoning-delta" | "tool-call-start" | "tool-call-delta" | "tool-call-end" }
>

export interface OutputParser {
  /** Text of the control tokens that the format is made of: the child must keep their text. */
  readonly markers: readonly string[]
  push(text: string): ParsedPiece[]
  /** What was held back; call once, after the last `push`. */
  end(): ParsedPiece[]
}

export interface OutputParserInput {
  readonly template: string
  readonly tools?: readonly ToolDefinition[]
  readonly think?: boolean
  /** The last characters of the prompt: a template may have opened the reasoning in it. */
  readonly promptTail: string
}

export function createOutputParser(_input: OutputParserInput): OutputParser {
  return {
    markers: [],
    push: (text) => (text === "" ? [] : [{ type: "text-delta", text }]),
    end: () => [],
  }
}

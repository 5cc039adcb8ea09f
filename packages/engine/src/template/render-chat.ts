// Messages → the text that the model reads, through the model's own template. Not tokens: the child makes those.
import type { Message, ToolDefinition } from "@fireside/protocol"
import { Template } from "@huggingface/jinja"

/**
 * A piece of the prompt. The child joins neighbours of equal `special` before it tokenises them: `special: true` with
 * control tokens recognised, `special: false` without. `fromTemplate` says who wrote the piece, for display.
 */
export interface PromptSegment {
  readonly text: string
  readonly special: boolean
  readonly fromTemplate: boolean
}

export interface RenderChatInput {
  readonly template: string
  readonly bosToken: string
  readonly eosToken: string
  readonly messages: readonly Message[]
  readonly tools?: readonly ToolDefinition[]
  readonly think?: boolean
  readonly continueLast?: boolean
  /** Text of every control token of the vocabulary. */
  readonly specialTokens: readonly string[]
  /** Defaults to the present. */
  readonly now?: Date
  /** Told what was changed so that the template could take the messages. */
  readonly onNotice?: (message: string) => void
}

export function renderChat(input: RenderChatInput): readonly PromptSegment[] {
  const text = new Template(input.template).render({
    messages: input.messages.map((message) => ({ ...message })),
    add_generation_prompt: input.continueLast !== true,
    bos_token: input.bosToken,
    eos_token: input.eosToken,
    ...(input.think === undefined ? {} : { enable_thinking: input.think }),
  })
  return [{ text, special: true, fromTemplate: true }]
}

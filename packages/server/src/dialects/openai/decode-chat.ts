// A chat's body in the neutral form. Pure.
import type { ChatRequest, ToolChoice, ToolDefinition } from "@fireside/protocol"
import { present } from "../present.ts"
import { readFields } from "../read-fields.ts"
import { refuse, refuseFields } from "../refuse.ts"
import { ChatBody, REFUSED_CHAT_FIELDS, type WireTool, type WireToolChoice } from "./chat-body.ts"
import { decodeGeneration } from "./generation-fields.ts"
import { decodeMessages } from "./messages.ts"

export interface DecodedChat {
  readonly request: ChatRequest
  /** Answers wanted. */
  readonly choices: number
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly keepAliveMs?: number
  readonly ignored: readonly string[]
}

/** Throws `bad-request` with `details {field}`. */
export function decodeChat(body: unknown): DecodedChat {
  refuseFields(body, REFUSED_CHAT_FIELDS)
  const { value, ignored } = readFields(ChatBody, body)
  if (value.modalities?.some((modality) => modality !== "text"))
    throw refuse("modalities", "can only be text")
  const tools = value.tools?.map(decodeTool)
  const request: ChatRequest = {
    model: value.model,
    messages: decodeMessages(value.messages),
    ...decodeGeneration(value),
    ...present({
      tools: tools?.length === 0 ? undefined : tools,
      toolChoice: decodeToolChoice(value.tool_choice, tools ?? []),
      parallelToolCalls: value.parallel_tool_calls,
      maxTokens: value.max_completion_tokens ?? value.max_tokens,
      think: decodeThink(value),
      topLogprobs: decodeTopLogprobs(value),
      overflow: value.context_overflow,
      continueLast: decodeContinue(value) || undefined,
    }),
  }
  return {
    request,
    choices: value.n ?? 1,
    stream: value.stream ?? false,
    includeUsage: value.stream_options?.include_usage ?? false,
    ...present({ keepAliveMs: value.keep_alive }),
    ignored: [...ignored, ...ignoredTemplateFields(value)],
  }
}

function decodeTool(tool: WireTool, at: number): ToolDefinition {
  if (tool.type !== "function")
    throw refuse(`tools[${at}].type`, "can only be function: tools run where the client is")
  if (tool.function === undefined) throw refuse(`tools[${at}].function`, "is missing")
  const { name, description, parameters } = tool.function
  return {
    name,
    ...present({ description }),
    parameters: parameters ?? { type: "object", properties: {} },
  }
}

function decodeToolChoice(
  choice: WireToolChoice | null | undefined,
  tools: readonly ToolDefinition[],
): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined
  if (choice === "none" || choice === "auto") return choice
  if (choice === "required") {
    if (tools.length === 0) throw refuse("tool_choice", "is required, but there are no `tools`")
    return choice
  }
  if (choice.type !== "function")
    throw refuse(
      "tool_choice.type",
      `is ${JSON.stringify(choice.type.slice(0, 64))}, and only function is supported`,
      "Send only the tools that may be called.",
    )
  const name = choice.function?.name
  if (name === undefined) throw refuse("tool_choice.function", "is missing")
  if (!tools.some((tool) => tool.name === name))
    throw refuse("tool_choice.function.name", "is not the name of one of `tools`")
  return { type: "tool", name }
}

/** The plainest wish wins. A model that cannot think answers without, whatever the effort: clients send theirs to every model. */
function decodeThink(value: ChatBody): boolean | undefined {
  const said = value.think ?? value.chat_template_kwargs?.enable_thinking
  if (said !== undefined && said !== null) return said
  const effort = value.reasoning_effort ?? undefined
  return effort === undefined ? undefined : !(effort === "none" || effort === "minimal")
}

function decodeTopLogprobs({ logprobs, top_logprobs: top }: ChatBody): number | undefined {
  if (logprobs === true) return top ?? 0
  if (top !== undefined && top !== null && top > 0)
    throw refuse("top_logprobs", "needs `logprobs` to be true")
  return undefined
}

/** Both names come from the template library; the second says the same by its opposite. */
function decodeContinue(value: ChatBody): boolean {
  const field = value.continue_final_message === true ? "continue_final_message" : "add_generation_prompt"
  const wanted = value.continue_final_message === true || value.add_generation_prompt === false
  if (wanted && value.messages.at(-1)?.role !== "assistant")
    throw refuse(field, "needs the last message to be the assistant's")
  return wanted
}

function ignoredTemplateFields({ chat_template_kwargs: given }: ChatBody): string[] {
  return Object.keys(given ?? {})
    .filter((name) => name !== "enable_thinking")
    .map((name) => `chat_template_kwargs.${name}`)
}

// A message request in the neutral form. Pure.
import type { ChatRequest, ResponseFormat, ToolChoice, ToolDefinition } from "@fireside/protocol"
import { present } from "../present.ts"
import { refuse } from "../refuse.ts"
import { decodeTurns, joinText } from "./decode-turns.ts"
import type { CountBody, MessagesBody, Thinking, WireTool, WireToolChoice } from "./messages-body.ts"

/** Throws `bad-request` with `details {field}`. */
export function decodeMessages(body: MessagesBody): ChatRequest {
  const { temperature, top_p: topP, top_k: topK } = body
  const sampling = present({ temperature, topP, topK })
  return {
    ...decodePrompt(body),
    maxTokens: body.max_tokens,
    ...(Object.keys(sampling).length === 0 ? {} : { sampling }),
    ...(body.stop_sequences?.length ? { stop: body.stop_sequences } : {}),
    ...present({ overflow: body.context_overflow }),
  }
}

/** What the model would read, and nothing of how it answers. */
export function decodePrompt(body: CountBody): ChatRequest {
  const system = body.system ?? ""
  const turns = decodeTurns(body.messages)
  const tools = body.tools?.map(decodeTool) ?? []
  return {
    model: body.model,
    messages: system.length === 0 ? turns : [{ role: "system", content: joinText(system) }, ...turns],
    ...(tools.length === 0 ? {} : { tools }),
    ...decodeToolChoice(body.tool_choice ?? undefined, tools),
    ...present({
      think: decodeThinking(body.thinking ?? undefined),
      responseFormat: decodeFormat(body),
      continueLast: turns.at(-1)?.role === "assistant" || undefined,
    }),
  }
}

function decodeTool(tool: WireTool, at: number): ToolDefinition {
  const { type, name, description, input_schema: parameters } = tool
  if (type !== undefined && type !== null && type !== "custom")
    throw refuse(
      `tools[${at}].type`,
      `\`${type.slice(0, 64)}\` is a tool of Anthropic's own, and is not here`,
      "Describe the tool with `name`, `description` and `input_schema`, and run it in the client.",
    )
  if (parameters === undefined) throw refuse(`tools[${at}].input_schema`, "is missing")
  return { name, ...present({ description }), parameters }
}

function decodeToolChoice(
  choice: WireToolChoice | undefined,
  tools: readonly ToolDefinition[],
): Pick<ChatRequest, "toolChoice" | "parallelToolCalls"> {
  if (choice === undefined) return {}
  const toolChoice = toToolChoice(choice, tools)
  const single = choice.type !== "none" && choice.disable_parallel_tool_use === true
  return { toolChoice, ...(single ? { parallelToolCalls: false } : {}) }
}

function toToolChoice(choice: WireToolChoice, tools: readonly ToolDefinition[]): ToolChoice {
  switch (choice.type) {
    case "auto":
    case "none":
      return choice.type
    case "any":
      if (tools.length === 0) throw refuse("tool_choice", "is `any`, but there are no `tools`")
      return "required"
    case "tool":
      if (!tools.some(({ name }) => name === choice.name))
        throw refuse("tool_choice.name", "is not the name of one of `tools`")
      return { type: "tool", name: choice.name }
    default:
      return choice satisfies never
  }
}

/**
 * Left out is off, as with Anthropic: clients that did not ask read the first block as the answer. A model that cannot do otherwise thinks all
 * the same, in a block of its own. `adaptive` leaves it to the model.
 */
function decodeThinking(thinking: Thinking | undefined): boolean | undefined {
  switch (thinking?.type) {
    case "enabled":
      return true
    case "disabled":
    case undefined:
      return false
    case "adaptive":
    case "between_tools":
      return undefined
    default:
      return thinking satisfies never
  }
}

function decodeFormat(body: CountBody): ResponseFormat | undefined {
  const format = body.output_config?.format ?? body.output_format ?? undefined
  return format === undefined ? undefined : { type: "json-schema", schema: format.schema }
}

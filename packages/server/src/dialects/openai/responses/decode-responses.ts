// A response's body in the neutral form. Pure.
import {
  type ChatRequest,
  type Message,
  REQUEST_LIMITS,
  type ResponseFormat,
  type ToolChoice,
  type ToolDefinition,
} from "@fireside/protocol"
import { present } from "../../present.ts"
import { refuse } from "../../refuse.ts"
import { decodeInput } from "./decode-input.ts"
import type { ResponsesBody, WireFormat, WireTool, WireToolChoice } from "./responses-body.ts"

export interface DecodedResponses {
  readonly request: ChatRequest
  /** The conversation with this input, without the instructions: what the answer is stored with. */
  readonly conversation: readonly Message[]
}

/** `before` is the conversation that the request goes on from. Throws `bad-request` with `details {field}`. */
export function decodeResponses(body: ResponsesBody, before: readonly Message[]): DecodedResponses {
  if (body.background === true) throw refuse("background", "can only be false: answers are given at once")
  const conversation = [...before, ...decodeInput(body.input, before)]
  if (conversation.length === 0) throw refuse("input", "says nothing")
  if (conversation.length > REQUEST_LIMITS.messages)
    throw refuse(
      "previous_response_id",
      `names a conversation that has ${conversation.length} messages with this input; ${REQUEST_LIMITS.messages} are taken`,
      "Begin a new one, without `previous_response_id`.",
    )
  const instructions = body.instructions ?? ""
  const tools = body.tools?.map(decodeTool) ?? []
  const { temperature, top_p: topP } = body
  const sampling = present({ temperature, topP })
  const request: ChatRequest = {
    model: body.model,
    messages:
      instructions === "" ? conversation : [{ role: "system", content: instructions }, ...conversation],
    ...decodeToolChoice(body.tool_choice ?? undefined, tools),
    ...(Object.keys(sampling).length === 0 ? {} : { sampling }),
    ...present({
      parallelToolCalls: body.parallel_tool_calls,
      responseFormat: decodeFormat(body.text?.format ?? undefined),
      maxTokens: body.max_output_tokens,
      think: decodeEffort(body),
      topLogprobs: decodeTopLogprobs(body),
      overflow: body.context_overflow ?? (body.truncation === "auto" ? ("drop-oldest" as const) : undefined),
    }),
  }
  return { request, conversation }
}

function decodeTool({ type, name, description, parameters }: WireTool, at: number): ToolDefinition {
  if (type !== "function")
    throw refuse(
      `tools[${at}].type`,
      `\`${type.slice(0, 64)}\` is not supported: tools run where the client is`,
      "Describe the tool as a `function`, and run it in the client.",
    )
  if (name === undefined) throw refuse(`tools[${at}].name`, "is missing")
  return { name, ...present({ description }), parameters: parameters ?? { type: "object", properties: {} } }
}

function decodeToolChoice(
  choice: WireToolChoice | undefined,
  tools: ToolDefinition[],
): Pick<ChatRequest, "tools" | "toolChoice"> {
  const given = tools.length === 0 ? {} : { tools }
  if (choice === undefined) return given
  if (typeof choice === "string") {
    if (choice === "required") requireTools(tools)
    return { ...given, toolChoice: choice }
  }
  switch (choice.type) {
    case "function": {
      const { name } = choice
      if (name === undefined || !tools.some((tool) => tool.name === name))
        throw refuse("tool_choice.name", "is not the name of one of `tools`")
      return { ...given, toolChoice: { type: "tool", name } }
    }
    case "allowed_tools": {
      const names = new Set(choice.tools?.map(({ name }) => name))
      const allowed = tools.filter(({ name }) => names.has(name))
      const toolChoice: ToolChoice = choice.mode ?? "auto"
      if (toolChoice === "required") requireTools(allowed)
      return { ...(allowed.length === 0 ? {} : { tools: allowed }), toolChoice }
    }
    default:
      throw refuse("tool_choice.type", `\`${choice.type.slice(0, 64)}\` is not supported: use \`function\``)
  }
}

function requireTools(tools: readonly ToolDefinition[]): void {
  if (tools.length === 0)
    throw refuse("tool_choice", "is `required`, but there are no `tools` to choose from")
}

/** A schema is enforced whether the client calls it strict or not. */
function decodeFormat(format: WireFormat | undefined): ResponseFormat | undefined {
  switch (format?.type) {
    case undefined:
    case "text":
      return undefined
    case "json_object":
      return { type: "json" }
    case "json_schema":
      return { type: "json-schema", schema: format.schema }
    default:
      return format satisfies never
  }
}

/** A model that cannot think answers without, whatever the effort: clients send theirs to every model. */
function decodeEffort({ reasoning }: ResponsesBody): boolean | undefined {
  const effort = reasoning?.effort ?? undefined
  return effort === undefined ? undefined : !(effort === "none" || effort === "minimal")
}

function decodeTopLogprobs({ include, top_logprobs: top }: ResponsesBody): number | undefined {
  if (include?.includes("message.output_text.logprobs")) return top ?? 0
  return top === undefined || top === null || top === 0 ? undefined : top
}

// An answer as Anthropic's clients read it: blocks of thinking, text and tool calls, one after the other. The message of a request without
// `stream` is what its events would have put together, so both say the same.
import type { ChatEvent, Dropped, FinishReason, Usage } from "@fireside/protocol"
import { type Extension, extension } from "../extension.ts"
import { toolInput } from "./tool-input.ts"

export type MessageBlock =
  | { readonly type: "text"; text: string }
  | { readonly type: "thinking"; thinking: string; readonly signature: "" }
  | {
      readonly type: "tool_use"
      readonly id: string
      readonly name: string
      input: Readonly<Record<string, unknown>>
    }

export interface MessageObject extends Extension {
  readonly id: string
  readonly type: "message"
  readonly role: "assistant"
  /** As the client named it. */
  readonly model: string
  readonly content: readonly MessageBlock[]
  readonly stop_reason: StopReason | null
  readonly stop_sequence: string | null
  readonly usage: MessageUsage
}

type StopReason = "end_turn" | "max_tokens" | "stop_sequence" | "tool_use"

interface MessageUsage {
  /** Without those that came out of the cache. */
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_input_tokens: number
  /** Keeping a prefix costs nothing here, so it is never counted. */
  readonly cache_creation_input_tokens: 0
}

type Delta =
  | { readonly type: "text_delta"; readonly text: string }
  | { readonly type: "thinking_delta"; readonly thinking: string }
  | { readonly type: "signature_delta"; readonly signature: "" }
  | { readonly type: "input_json_delta"; readonly partial_json: string }

export type MessageEvent =
  | { readonly type: "message_start"; readonly message: MessageObject }
  | { readonly type: "ping" }
  | { readonly type: "content_block_start"; readonly index: number; readonly content_block: MessageBlock }
  | { readonly type: "content_block_delta"; readonly index: number; readonly delta: Delta }
  | { readonly type: "content_block_stop"; readonly index: number }
  | ({
      readonly type: "message_delta"
      readonly delta: { readonly stop_reason: StopReason; readonly stop_sequence: string | null }
      readonly usage: MessageUsage
    } & Extension)
  | { readonly type: "message_stop" }

/** One answer in the making. The events of a tool call are expected to come together, as engines give them. */
export interface AnswerMessage {
  /** What goes on the wire for an event; nothing for an `error`, whose form is not a message's. */
  push(event: ChatEvent): readonly MessageEvent[]
  /** What there is so far; whole after `finish`. */
  message(): MessageObject
}

/** `model` is the name that the client used. */
export function createAnswerMessage(model: string): AnswerMessage {
  const content: MessageBlock[] = []
  let open: MessageBlock["type"] | undefined
  /** JSON text of the open call. */
  let call = { callId: "", text: "" }
  let id = ""
  let dropped: Dropped | undefined
  const notices: string[] = []
  let started = false
  let promptTokens = 0
  let ending: Pick<MessageObject, "stop_reason" | "stop_sequence"> = {
    stop_reason: null,
    stop_sequence: null,
  }
  let usage: MessageUsage | undefined

  const message = (): MessageObject => ({
    id,
    type: "message",
    role: "assistant",
    model,
    content,
    ...ending,
    usage: usage ?? toUsage({ promptTokens, cachedTokens: 0, completionTokens: 0 }),
    ...extension({ dropped, notices }),
  })

  /** Held back until something is known of the prompt: clients read its length out of the first event. */
  const begin = (): MessageEvent[] => {
    if (started) return []
    started = true
    return [{ type: "message_start", message: { ...message(), content: [] } }, { type: "ping" }]
  }

  const openBlock = (block: MessageBlock): MessageEvent[] => {
    const events = [...begin(), ...closeBlock()]
    content.push(block)
    open = block.type
    events.push({ type: "content_block_start", index: content.length - 1, content_block: { ...block } })
    return events
  }

  const closeBlock = (): MessageEvent[] => {
    if (open === undefined) return []
    const index = content.length - 1
    const events: MessageEvent[] = []
    // Clients send thinking back with the signature they were given, and some wait for one.
    if (open === "thinking")
      events.push({ type: "content_block_delta", index, delta: { type: "signature_delta", signature: "" } })
    if (open === "tool_use") {
      const { json, input } = toolInput(call.text)
      const block = content[index]
      if (block?.type === "tool_use") block.input = input
      events.push({
        type: "content_block_delta",
        index,
        delta: { type: "input_json_delta", partial_json: json },
      })
    }
    open = undefined
    events.push({ type: "content_block_stop", index })
    return events
  }

  const addText = (text: string): readonly MessageEvent[] => {
    const events = open === "text" ? [] : openBlock({ type: "text", text: "" })
    const block = content.at(-1)
    if (block?.type === "text") block.text += text
    events.push({
      type: "content_block_delta",
      index: content.length - 1,
      delta: { type: "text_delta", text },
    })
    return events
  }

  const addThinking = (thinking: string): readonly MessageEvent[] => {
    const events = open === "thinking" ? [] : openBlock({ type: "thinking", thinking: "", signature: "" })
    const block = content.at(-1)
    if (block?.type === "thinking") block.thinking += thinking
    events.push({
      type: "content_block_delta",
      index: content.length - 1,
      delta: { type: "thinking_delta", thinking },
    })
    return events
  }

  const push = (event: ChatEvent): readonly MessageEvent[] => {
    switch (event.type) {
      case "start":
        id = toMessageId(event.id)
        dropped = event.dropped
        return []
      case "prompt-progress":
        promptTokens = event.totalTokens
        return begin()
      case "text-delta":
        return event.text === "" ? [] : addText(event.text)
      case "reasoning-delta":
        return event.text === "" ? [] : addThinking(event.text)
      case "tool-call-start":
        call = { callId: event.callId, text: "" }
        return openBlock({ type: "tool_use", id: toToolUseId(event.callId), name: event.name, input: {} })
      case "tool-call-delta":
        if (open === "tool_use" && call.callId === event.callId) call.text += event.arguments
        return []
      case "tool-call-end":
        return open === "tool_use" && call.callId === event.callId ? closeBlock() : []
      case "finish": {
        // Clients look at the first block without asking whether there is one.
        const events = content.length === 0 ? openBlock({ type: "text", text: "" }) : []
        events.push(...closeBlock())
        const { reason, stopString } = event
        const stop = toStop(reason, stopString)
        ending = stop
        usage = toUsage(event.usage)
        const said = extension({ dropped, notices })
        return [...events, { type: "message_delta", delta: stop, usage, ...said }, { type: "message_stop" }]
      }
      case "notice":
        notices.push(event.message)
        return []
      case "source":
      case "error":
        return []
      default:
        return event satisfies never
    }
  }

  return { push, message }
}

type Stop = Extract<MessageEvent, { type: "message_delta" }>["delta"]

function toStop(reason: FinishReason, stopString: string | undefined): Stop {
  switch (reason) {
    case "stop":
      return stopString === undefined
        ? { stop_reason: "end_turn", stop_sequence: null }
        : { stop_reason: "stop_sequence", stop_sequence: stopString }
    case "length":
      return { stop_reason: "max_tokens", stop_sequence: null }
    case "tool-calls":
      return { stop_reason: "tool_use", stop_sequence: null }
    default:
      return reason satisfies never
  }
}

function toUsage({ promptTokens, cachedTokens, completionTokens }: Usage): MessageUsage {
  return {
    input_tokens: promptTokens - cachedTokens,
    output_tokens: completionTokens,
    cache_read_input_tokens: cachedTokens,
    cache_creation_input_tokens: 0,
  }
}

function toMessageId(id: string): string {
  return id.startsWith("msg_") ? id : `msg_${id.replace(/^gen-/, "").replaceAll(/[^A-Za-z0-9]/g, "")}`
}

/** Clients check the form of an id; what comes back in a `tool_result` is compared as it is. */
function toToolUseId(callId: string): string {
  return callId.startsWith("toolu_")
    ? callId
    : `toolu_${callId.replace(/^call[-_]/, "").replaceAll(/[^\w-]/g, "_")}`
}

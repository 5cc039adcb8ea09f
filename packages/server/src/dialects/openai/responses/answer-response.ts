// An answer as OpenAI's clients read it: items of reasoning, text and calls, one after the other. The body of a request without `stream` is what
// the last event of one with it carries, so both say the same.
import {
  type ChatEvent,
  type Dropped,
  type ErrorBody,
  errorBody,
  type Message,
  type TokenLogprob,
  type Usage,
} from "@fireside/protocol"
import { extension } from "../../extension.ts"
import { errorObject } from "../errors.ts"
import {
  doneEvents,
  emptyItem,
  type OpenItem,
  outputText,
  toItem,
  toLogprob,
  toMessage,
} from "./output-items.ts"
import type {
  ItemStatus,
  OutputItem,
  ResponseObject,
  ResponseState,
  ResponseUsage,
} from "./response-object.ts"

export type ResponseEvent = { readonly type: string; readonly sequence_number: number } & Readonly<
  Record<string, unknown>
>

/** One answer in the making. The events of a tool call are expected to come together, as engines give them. */
export interface AnswerResponse {
  /** What goes on the wire for an event; for `finish` and `error` all but the last. */
  push(event: ChatEvent): readonly ResponseEvent[]
  /** Makes it a failed one, also after `finish`: it could not be kept. */
  fail(error: ErrorBody): void
  /** The last event. */
  end(): ResponseEvent
  response(): ResponseObject
  /** What the model said, for the conversation. */
  message(): Extract<Message, { role: "assistant" }>
}

export interface AnswerResponseOptions {
  readonly complete: (state: ResponseState) => ResponseObject
  readonly requestId: string
}

export function createAnswerResponse({ complete, requestId }: AnswerResponseOptions): AnswerResponse {
  let sequence = 0
  let suffix = ""
  let dropped: Dropped | undefined
  const notices: string[] = []
  const output: OutputItem[] = []
  let open: OpenItem | undefined
  let reasoningTokens = 0
  let status: ResponseState["status"] = "in_progress"
  let error: ResponseState["error"] = null
  let usage: ResponseUsage | null = null

  const event = (type: string, fields: Readonly<Record<string, unknown>>): ResponseEvent => {
    const made = { type, sequence_number: sequence, ...fields }
    sequence += 1
    return made
  }

  const response = (): ResponseObject =>
    complete({
      id: `resp_${suffix}`,
      status,
      output: open === undefined ? [...output] : [...output, toItem(open, "incomplete")],
      error,
      incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
      usage,
      ...extension({ dropped, notices }),
    })

  /** Where an event belongs. The open item is the next of the output. */
  const place = ({ id }: OpenItem) => ({ item_id: id, output_index: output.length })

  const openItem = (
    type: OpenItem["type"],
    { callId, name }: { callId: string; name: string } = NO_CALL,
  ): ResponseEvent[] => {
    const events = closeItem("completed")
    const id = `${ID_PREFIXES[type]}_${suffix}_${output.length}`
    open = { type, id, callId, name, text: "", logprobs: [] }
    events.push(event("response.output_item.added", { output_index: output.length, item: emptyItem(open) }))
    if (type === "message")
      events.push(
        event("response.content_part.added", { ...place(open), content_index: 0, part: outputText("", []) }),
      )
    if (type === "reasoning")
      events.push(
        event("response.reasoning_summary_part.added", {
          ...place(open),
          summary_index: 0,
          part: { type: "summary_text", text: "" },
        }),
      )
    return events
  }

  const closeItem = (ending: ItemStatus): ResponseEvent[] => {
    if (open === undefined) return []
    const events = doneEvents(open).map(({ type, ...fields }) =>
      event(type, { ...place(open as OpenItem), ...fields }),
    )
    const item = toItem(open, ending)
    events.push(event("response.output_item.done", { output_index: output.length, item }))
    output.push(item)
    open = undefined
    return events
  }

  const addText = (type: "message" | "reasoning", delta: string, tokens: readonly TokenLogprob[]) => {
    const events = open?.type === type ? [] : openItem(type)
    // `openItem` has just set it, or it was there.
    const item = open as unknown as OpenItem
    item.text += delta
    const logprobs = tokens.map(toLogprob)
    item.logprobs.push(...logprobs)
    events.push(
      type === "message"
        ? event("response.output_text.delta", { ...place(item), content_index: 0, delta, logprobs })
        : event("response.reasoning_summary_text.delta", { ...place(item), summary_index: 0, delta }),
    )
    return events
  }

  const isOpenCall = (callId: string): boolean => open?.type === "function_call" && open.callId === callId

  const fail = (body: ErrorBody): void => {
    status = "failed"
    error = { code: errorCode(body), message: String(errorObject(body, requestId).error.message) }
  }

  const push = (chatEvent: ChatEvent): readonly ResponseEvent[] => {
    switch (chatEvent.type) {
      case "start":
        suffix = toSuffix(chatEvent.id)
        dropped = chatEvent.dropped
        return [
          event("response.created", { response: response() }),
          event("response.in_progress", { response: response() }),
        ]
      case "text-delta":
        return chatEvent.text === "" && chatEvent.logprobs === undefined
          ? []
          : addText("message", chatEvent.text, chatEvent.logprobs ?? [])
      case "reasoning-delta":
        // One for each token, but for the few that the parser had to hold back: nobody counts them exactly.
        reasoningTokens += 1
        return chatEvent.text === "" ? [] : addText("reasoning", chatEvent.text, [])
      case "tool-call-start":
        return openItem("function_call", { callId: chatEvent.callId, name: chatEvent.name })
      case "tool-call-delta": {
        if (open === undefined || !isOpenCall(chatEvent.callId) || chatEvent.arguments === "") return []
        const delta = chatEvent.arguments
        open.text += delta
        return [event("response.function_call_arguments.delta", { ...place(open), delta })]
      }
      case "tool-call-end":
        return isOpenCall(chatEvent.callId) ? closeItem("completed") : []
      case "finish": {
        const cut = chatEvent.reason === "length"
        const events = output.length === 0 && open === undefined ? openItem("message") : []
        events.push(...closeItem(cut ? "incomplete" : "completed"))
        status = cut ? "incomplete" : "completed"
        usage = toUsage(chatEvent.usage, reasoningTokens)
        return events
      }
      case "error":
        fail(errorBody(chatEvent))
        return []
      case "notice":
        notices.push(chatEvent.message)
        return []
      case "prompt-progress":
      case "source":
        return []
      default:
        return chatEvent satisfies never
    }
  }

  return {
    push,
    fail,
    response,
    end: () => event(`response.${status}`, { response: response() }),
    message: () => toMessage(output),
  }
}

const NO_CALL = { callId: "", name: "" }

const ID_PREFIXES = { message: "msg", reasoning: "rs", function_call: "fc" } as const

function toSuffix(id: string): string {
  return id.replace(/^(?:gen-|resp_)/, "").replaceAll(/[^A-Za-z0-9]/g, "")
}

function toUsage({ promptTokens, cachedTokens, completionTokens }: Usage, reasoning: number): ResponseUsage {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: Math.min(reasoning, completionTokens) },
    total_tokens: promptTokens + completionTokens,
  }
}

/** Of OpenAI's codes those that fit; agents look for the first to shorten the conversation. */
function errorCode({ code }: ErrorBody): string {
  switch (code) {
    case "context-overflow":
      return "context_length_exceeded"
    case "rate-limited":
      return "rate_limit_exceeded"
    default:
      return "server_error"
  }
}

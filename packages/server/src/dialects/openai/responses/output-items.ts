// The items of an answer: the one that is being said, and as they are when it is said. Pure.
import type { Message, TokenLogprob } from "@fireside/protocol"
import type { ItemStatus, OutputItem, OutputText, WireLogprob } from "./response-object.ts"

export interface OpenItem {
  readonly type: OutputItem["type"]
  readonly id: string
  readonly callId: string
  readonly name: string
  text: string
  readonly logprobs: WireLogprob[]
}

export function outputText(text: string, logprobs: readonly WireLogprob[]): OutputText {
  return { type: "output_text", text, annotations: [], logprobs: [...logprobs] }
}

/**
 * Reasoning is told as its summary, though it is whole: that is where clients look. Of the two forms that OpenAI has, several show this one
 * only.
 */
export function toItem(open: OpenItem, status: ItemStatus): OutputItem {
  const { type, id, text } = open
  switch (type) {
    case "message":
      return { id, type, status, role: "assistant", content: [outputText(text, open.logprobs)] }
    case "reasoning":
      return { id, type, status, summary: [{ type: "summary_text", text }] }
    case "function_call":
      return { id, type, status, call_id: open.callId, name: open.name, arguments: text }
    default:
      return type satisfies never
  }
}

/** As it is announced: its parts come by events of their own. */
export function emptyItem(open: OpenItem): OutputItem {
  const item = toItem(open, "in_progress")
  switch (item.type) {
    case "message":
      return { ...item, content: [] }
    case "reasoning":
      return { ...item, summary: [] }
    case "function_call":
      return item
    default:
      return item satisfies never
  }
}

export function doneEvents({
  type,
  text,
  logprobs,
}: OpenItem): readonly ({ type: string } & Record<string, unknown>)[] {
  switch (type) {
    case "message":
      return [
        { type: "response.output_text.done", content_index: 0, text, logprobs: [...logprobs] },
        { type: "response.content_part.done", content_index: 0, part: outputText(text, logprobs) },
      ]
    case "reasoning":
      return [
        { type: "response.reasoning_summary_text.done", summary_index: 0, text },
        {
          type: "response.reasoning_summary_part.done",
          summary_index: 0,
          part: { type: "summary_text", text },
        },
      ]
    case "function_call":
      return [{ type: "response.function_call_arguments.done", arguments: text }]
    default:
      return type satisfies never
  }
}

export function toLogprob({ token, logprob, bytes, top }: TokenLogprob): WireLogprob {
  const top_logprobs = top.map((it) => ({ token: it.token, logprob: it.logprob, bytes: it.bytes }))
  return { token, logprob, bytes, top_logprobs }
}

export function toMessage(output: readonly OutputItem[]): Extract<Message, { role: "assistant" }> {
  let content = ""
  let reasoning = ""
  const toolCalls: { callId: string; name: string; arguments: string }[] = []
  for (const item of output) {
    if (item.type === "message") content += item.content.map(({ text }) => text).join("")
    else if (item.type === "reasoning") reasoning += item.summary.map(({ text }) => text).join("")
    else toolCalls.push({ callId: item.call_id, name: item.name, arguments: item.arguments })
  }
  return {
    role: "assistant",
    content,
    ...(reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  }
}

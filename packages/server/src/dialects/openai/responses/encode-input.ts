// Neutral messages as items: what a stored response was asked. Pure.
import type { Message } from "@fireside/protocol"

export type WireItem = { readonly id: string; readonly type: string } & Readonly<Record<string, unknown>>

/** `suffix` is the response's id without its prefix; the ids of the items are made of it, the same at each call. */
export function encodeInput(messages: readonly Message[], suffix: string): WireItem[] {
  const items: WireItem[] = []
  const add = (prefix: string, type: string, fields: Readonly<Record<string, unknown>>): void => {
    items.push({ id: `${prefix}_${suffix}_in${items.length}`, type, status: "completed", ...fields })
  }
  for (const message of messages) {
    switch (message.role) {
      case "system":
      case "user": {
        const images = message.role === "user" ? (message.images ?? []) : []
        const content = [
          { type: "input_text", text: message.content },
          ...images.map(({ mediaType, data }) => ({
            type: "input_image",
            detail: "auto",
            image_url: `data:${mediaType};base64,${data}`,
          })),
        ]
        add("msg", "message", { role: message.role, content })
        break
      }
      case "assistant": {
        const { reasoning = "", content, toolCalls = [] } = message
        if (reasoning !== "") add("rs", "reasoning", { summary: [{ type: "summary_text", text: reasoning }] })
        if (content !== "")
          add("msg", "message", {
            role: "assistant",
            content: [{ type: "output_text", text: content, annotations: [], logprobs: [] }],
          })
        for (const { callId, name, arguments: text } of toolCalls)
          add("fc", "function_call", { call_id: callId, name, arguments: text })
        break
      }
      case "tool":
        add("fco", "function_call_output", { call_id: message.callId ?? "", output: message.content })
        break
      default:
        message satisfies never
    }
  }
  return items
}

// Items as neutral messages. Pure.
import type { Message } from "@fireside/protocol"
import { refuse } from "../../refuse.ts"
import { decodeDataUrl } from "../data-url.ts"
import type { Content, Input, Item } from "./input-items.ts"

/** Throws `bad-request` with `details {field}` for what cannot be taken. `before` is the conversation so far, for the names of its calls. */
export function decodeInput(input: Input, before: readonly Message[]): Message[] {
  if (typeof input === "string") return [{ role: "user", content: input }]
  /** Which function a call named, for templates that want the name with its result. */
  const names = new Map<string, string>()
  for (const message of before)
    if (message.role === "assistant")
      for (const call of message.toolCalls ?? []) names.set(call.callId, call.name)
  const messages: Message[] = []
  for (const [at, item] of input.entries()) addItem({ messages, names }, item, `input[${at}]`)
  return messages
}

interface Decoding {
  readonly messages: Message[]
  readonly names: Map<string, string>
}

function addItem({ messages, names }: Decoding, item: Item, field: string): void {
  switch (item.type) {
    case "message":
      addMessage(messages, item, field)
      break
    case "function_call": {
      const { call_id: callId, name } = item
      names.set(callId, name)
      addAssistant(messages, {
        role: "assistant",
        content: "",
        toolCalls: [{ callId, name, arguments: item.arguments }],
      })
      break
    }
    case "function_call_output": {
      const { call_id: callId } = item
      const name = names.get(callId)
      const { text, images } = readContent(item.output, `${field}.output`)
      messages.push({ role: "tool", content: text, callId, ...(name === undefined ? {} : { name }) })
      // A tool's message holds text only: its pictures come right behind it.
      if (images.length > 0) messages.push({ role: "user", content: "", images })
      break
    }
    case "reasoning": {
      const texts = item.content?.length ? item.content : (item.summary ?? [])
      const reasoning = texts.map(({ text }) => text).join(PART_BREAK)
      if (reasoning !== "") addAssistant(messages, { role: "assistant", content: "", reasoning })
      break
    }
    default:
      item satisfies never
  }
}

function addMessage(messages: Message[], item: Extract<Item, { type: "message" }>, field: string): void {
  const { text: content, images } = readContent(item.content, `${field}.content`)
  if (images.length > 0 && item.role !== "user")
    throw refuse(`${field}.content`, `cannot hold an image: only a user's message can`)
  switch (item.role) {
    case "system":
    case "developer":
      messages.push({ role: "system", content })
      break
    case "user":
      messages.push({ role: "user", content, ...(images.length === 0 ? {} : { images }) })
      break
    case "assistant":
      addAssistant(messages, { role: "assistant", content })
      break
    default:
      item.role satisfies never
  }
}

type Assistant = Extract<Message, { role: "assistant" }>

/** One answer comes as several items (reasoning, text, calls); templates want it as one message. */
function addAssistant(messages: Message[], message: Assistant): void {
  const last = messages.at(-1)
  if (last?.role !== "assistant") {
    messages.push(message)
    return
  }
  const reasoning = joined(last.reasoning ?? "", message.reasoning ?? "")
  const toolCalls = [...(last.toolCalls ?? []), ...(message.toolCalls ?? [])]
  messages[messages.length - 1] = {
    role: "assistant",
    content: joined(last.content, message.content),
    ...(reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  }
}

function joined(first: string, second: string): string {
  return [first, second].filter((text) => text !== "").join(PART_BREAK)
}

/** Parts are pieces of their own (a question, a file), so they do not run into each other. */
const PART_BREAK = "\n"

function readContent(
  content: Content,
  field: string,
): { text: string; images: { mediaType: string; data: string }[] } {
  if (typeof content === "string") return { text: content, images: [] }
  const texts: string[] = []
  const images: { mediaType: string; data: string }[] = []
  for (const [at, part] of content.entries()) {
    switch (part.type) {
      case "input_text":
      case "output_text":
      case "text":
        texts.push(part.text)
        break
      case "refusal":
        texts.push(part.refusal)
        break
      case "input_image":
        if (typeof part.file_id === "string")
          throw refuse(`${field}[${at}].file_id`, "is not supported", "Send the image itself as `image_url`.")
        images.push(decodeDataUrl(part.image_url ?? "", `${field}[${at}].image_url`))
        break
      default:
        part satisfies never
    }
  }
  return { text: texts.join(PART_BREAK), images }
}

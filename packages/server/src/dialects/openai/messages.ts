// Messages as OpenAI's clients write them, and as ours.
import { type Message, REQUEST_LIMITS, z } from "@fireside/protocol"
import { present } from "../present.ts"
import { refuse } from "../refuse.ts"
import { decodeDataUrl } from "./data-url.ts"

const TextPart = z.object({ type: z.literal("text"), text: z.string() })
const RefusalPart = z.object({ type: z.literal("refusal"), refusal: z.string() })
const ImagePart = z.object({
  type: z.literal("image_url"),
  /** A text is how some clients shorten it. */
  image_url: z.union([z.string(), z.object({ url: z.string() })]),
})
const AudioPart = z.object({ type: z.literal("input_audio") })
const FilePart = z.object({ type: z.literal("file") })

const TextContent = z.union([z.string(), z.array(TextPart)])

const WireToolCall = z.object({
  id: z.string(),
  type: z.literal("function").optional(),
  function: z.object({
    name: z.string(),
    /** JSON text; an object, as some clients send it, is written as text. */
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
  }),
})

export const WireMessage = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: TextContent }),
  z.object({ role: z.literal("developer"), content: TextContent }),
  z.object({
    role: z.literal("user"),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion("type", [TextPart, ImagePart, AudioPart, FilePart])),
    ]),
  }),
  z.object({
    role: z.literal("assistant"),
    content: z.union([z.string(), z.array(z.discriminatedUnion("type", [TextPart, RefusalPart]))]).nullish(),
    reasoning_content: z.string().nullish(),
    reasoning: z.string().nullish(),
    tool_calls: z.array(WireToolCall).nullish(),
    function_call: z.unknown().optional(),
  }),
  z.object({ role: z.literal("tool"), content: TextContent, tool_call_id: z.string() }),
  z.object({ role: z.literal("function") }),
])
type WireMessage = z.output<typeof WireMessage>

export const WireMessages = z.array(WireMessage).min(1).max(REQUEST_LIMITS.messages)

/** Throws `bad-request` that names what cannot be taken: an image by address, sound, a file, the calls of before tools. */
export function decodeMessages(messages: readonly WireMessage[]): Message[] {
  /** Which function a call named, for templates that want the name with its result. */
  const names = new Map<string, string>()
  return messages.map((message, at) => decodeMessage(message, { field: `messages[${at}]`, names }))
}

interface Place {
  readonly field: string
  readonly names: Map<string, string>
}

function decodeMessage(message: WireMessage, { field, names }: Place): Message {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content: textOf(message.content) }
    case "user":
      return decodeUser(message.content, field)
    case "assistant": {
      if (message.function_call !== undefined && message.function_call !== null)
        throw refuse(`${field}.function_call`, "is not supported", "Use `tool_calls`.")
      const toolCalls = message.tool_calls?.map(decodeToolCall)
      for (const call of toolCalls ?? []) names.set(call.callId, call.name)
      return {
        role: "assistant",
        content: textOf(message.content ?? ""),
        ...present({
          reasoning: message.reasoning_content ?? message.reasoning,
          toolCalls: toolCalls?.length === 0 ? undefined : toolCalls,
        }),
      }
    }
    case "tool": {
      const { tool_call_id: callId } = message
      return {
        role: "tool",
        content: textOf(message.content),
        callId,
        ...present({ name: names.get(callId) }),
      }
    }
    case "function":
      throw refuse(
        `${field}.role`,
        "is `function`, which is not supported",
        "Use `tool` with a `tool_call_id`.",
      )
    default:
      return message satisfies never
  }
}

type UserContent = Extract<WireMessage, { role: "user" }>["content"]

function decodeUser(content: UserContent, field: string): Message {
  if (typeof content === "string") return { role: "user", content }
  const texts: string[] = []
  const images: { mediaType: string; data: string }[] = []
  for (const [at, part] of content.entries()) {
    const where = `${field}.content[${at}]`
    switch (part.type) {
      case "text":
        texts.push(part.text)
        break
      case "image_url": {
        const short = typeof part.image_url === "string"
        const url = typeof part.image_url === "string" ? part.image_url : part.image_url.url
        images.push(decodeDataUrl(url, short ? `${where}.image_url` : `${where}.image_url.url`))
        break
      }
      case "input_audio":
        throw refuse(`${where}.type`, "is `input_audio`, which is not supported: no model here hears")
      case "file":
        throw refuse(
          `${where}.type`,
          "is `file`, which is not supported",
          "Send what is in the file as text.",
        )
      default:
        part satisfies never
    }
  }
  return { role: "user", content: texts.join(PART_BREAK), ...(images.length === 0 ? {} : { images }) }
}

/** Parts are pieces of their own (a question, a file), so they do not run into each other. */
const PART_BREAK = "\n"

type TextualPart = z.output<typeof TextPart> | z.output<typeof RefusalPart>

function textOf(content: string | readonly TextualPart[]): string {
  if (typeof content === "string") return content
  return content.map((part) => (part.type === "text" ? part.text : part.refusal)).join(PART_BREAK)
}

function decodeToolCall(call: z.output<typeof WireToolCall>): {
  callId: string
  name: string
  arguments: string
} {
  const { name, arguments: given } = call.function
  return {
    callId: call.id,
    name,
    arguments: typeof given === "string" ? given : JSON.stringify(given),
  }
}

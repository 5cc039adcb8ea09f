// Messages of a conversation: Ollama's form into ours. Tool results may come without saying which call they answer; they answer in order.
import { type Message, z } from "@fireside/protocol"
import { badField } from "../refuse.ts"

const WireToolCall = z.object({
  id: z.string().nullish(),
  function: z.object({
    name: z.string().min(1),
    /** An object; some clients hand on the text that other servers write. */
    arguments: z.union([z.record(z.string(), z.unknown()), z.string()]).nullish(),
  }),
})

export const WireImages = z.array(z.string()).nullish()

export const WireMessage = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string().nullish(),
  thinking: z.string().nullish(),
  /** base64. */
  images: WireImages,
  tool_calls: z.array(WireToolCall).nullish(),
  tool_name: z.string().nullish(),
  /** The older name of `tool_name`. */
  name: z.string().nullish(),
  tool_call_id: z.string().nullish(),
})
export type WireMessage = z.infer<typeof WireMessage>

interface OpenCall {
  readonly callId: string
  readonly name: string
}

/** `where` is the field's name, for messages. Throws `bad-request`. */
export function readMessages(messages: readonly WireMessage[], where = "messages"): Message[] {
  let open: OpenCall[] = []
  return messages.map((message, index) => {
    const field = `${where}[${index}]`
    const content = message.content ?? ""
    const images = readImages(message.images, `${field}.images`)
    if (message.role !== "user" && images.length > 0)
      throw badField(`${field}.images`, "only messages of the user have images")
    switch (message.role) {
      case "system":
        return { role: "system", content }
      case "user":
        return { role: "user", content, ...(images.length === 0 ? {} : { images }) }
      case "assistant": {
        const toolCalls = (message.tool_calls ?? []).map((call, at) => ({
          callId: call.id ?? `call_${index}_${at}`,
          name: call.function.name,
          arguments: argumentsText(call.function.arguments, `${field}.tool_calls[${at}].function.arguments`),
        }))
        open = toolCalls.map(({ callId, name }) => ({ callId, name }))
        const reasoning = message.thinking ?? ""
        return {
          role: "assistant",
          content,
          ...(reasoning === "" ? {} : { reasoning }),
          ...(toolCalls.length === 0 ? {} : { toolCalls }),
        }
      }
      case "tool": {
        const name = message.tool_name ?? message.name ?? undefined
        const answered = takeAnswered(open, message.tool_call_id ?? undefined, name)
        open = open.filter((call) => call !== answered)
        const callId = message.tool_call_id ?? answered?.callId
        const toolName = name ?? answered?.name
        return {
          role: "tool",
          content,
          ...(callId === undefined ? {} : { callId }),
          ...(toolName === undefined ? {} : { name: toolName }),
        }
      }
      default:
        return message.role satisfies never
    }
  })
}

/** The call that a result answers: by its id, by its name, or the first that has no answer yet. */
function takeAnswered(
  open: readonly OpenCall[],
  callId: string | undefined,
  name: string | undefined,
): OpenCall | undefined {
  if (callId !== undefined) return open.find((call) => call.callId === callId)
  if (name !== undefined) return open.find((call) => call.name === name)
  return open[0]
}

function argumentsText(value: Record<string, unknown> | string | null | undefined, field: string): string {
  if (value === null || value === undefined) return "{}"
  if (typeof value !== "string") return JSON.stringify(value)
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return value
  } catch {
    // Said below.
  }
  throw badField(field, "it must be an object, or the JSON text of one")
}

/** The kinds of images that can be told by their first bytes, as base64 writes these. */
const IMAGE_BEGINNINGS: readonly (readonly [beginning: string, mediaType: string])[] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["Qk", "image/bmp"],
]

/** Throws `bad-request` for what is not base64. */
export function readImages(
  images: readonly string[] | null | undefined,
  where: string,
): { mediaType: string; data: string }[] {
  return (images ?? []).map((image, index) => {
    const data = image.replace(/^data:[^,]*;base64,/, "")
    if (data === "" || !/^[A-Za-z0-9+/]+={0,2}$/.test(data))
      throw badField(`${where}[${index}]`, "an image is its bytes in base64")
    const mediaType = IMAGE_BEGINNINGS.find(([beginning]) => data.startsWith(beginning))?.[1]
    return { mediaType: mediaType ?? "application/octet-stream", data }
  })
}

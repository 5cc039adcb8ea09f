// The same question for other programs: as the request of the OpenAI API, and as a command of the terminal. Pure.
import type { Message, SamplingOptions } from "@fireside/protocol"

export interface AskedChat {
  readonly model: string
  readonly messages: readonly Message[]
  readonly sampling: SamplingOptions
}

/** Where a parameter has another name there; what is not named here has none. */
const NAMES = {
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  minP: "min_p",
  typicalP: "typical_p",
  repeatPenalty: "repeat_penalty",
  repeatLastN: "repeat_last_n",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  seed: "seed",
} as const satisfies Partial<Record<keyof SamplingOptions, string>>

export function openAiRequest({ model, messages, sampling }: AskedChat): object {
  const given = Object.entries(NAMES).flatMap(([name, there]) => {
    const value = sampling[name as keyof typeof NAMES]
    return value === undefined ? [] : [[there, value]]
  })
  return { model, messages: messages.map(openAiMessage), ...Object.fromEntries(given) }
}

function openAiMessage(message: Message): object {
  const { role, content } = message
  if (message.role === "tool")
    return { role, content, ...(message.callId === undefined ? {} : { tool_call_id: message.callId }) }
  if (message.role !== "assistant" || message.toolCalls === undefined) return { role, content }
  const calls = message.toolCalls.map(({ callId, name, arguments: text }) => ({
    ...{ id: callId, type: "function" },
    function: { name, arguments: text },
  }))
  return { role, content, tool_calls: calls }
}

export interface CurlOptions {
  /** `http://127.0.0.1:3473`. */
  readonly origin: string
  /** On another computer the server asks for a key, which is left for whoever runs the command. */
  readonly needsKey: boolean
}

/** For the shells of Linux, macOS and Git for Windows. */
export function asCurl(asked: AskedChat, { origin, needsKey }: CurlOptions): string {
  const lines = [
    `curl ${quoted(`${origin}/v1/chat/completions`)}`,
    "-H 'Content-Type: application/json'",
    ...(needsKey ? ['-H "Authorization: Bearer $FIRESIDE_KEY"'] : []),
    `-d ${quoted(JSON.stringify(openAiRequest(asked)))}`,
  ]
  return lines.join(" \\\n  ")
}

/** In single quotes nothing means anything but their end. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

// One streamed chat over the OpenAI API, timed from outside: the same client for our server and for the peer's.
import type { IncomingMessage } from "node:http"
import { createEventLines } from "./event-lines.ts"
import { type HttpTarget, postJson } from "./post-json.ts"

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
}

export interface ChatBody {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly max_tokens: number
  readonly temperature: number
  readonly seed?: number
  /** The peer's own field: which of the adapters it has loaded, and how strongly. */
  readonly lora?: readonly { readonly id: number; readonly scale: number }[]
}

export interface WatchedTarget extends HttpTarget {
  /** Called with the time of each delta with text: for an answer that is cut off, or whose start somebody waits for. */
  readonly onDelta?: (atMs: number) => void
}

/** Times are of `performance.now()`, milliseconds. */
export interface StreamedChat {
  /** Right before the first byte of the request was sent. */
  readonly startedAtMs: number
  /** Of each delta with text; several tokens may come in one. */
  readonly deltaAtMs: readonly number[]
  readonly endedAtMs: number
  readonly text: string
  readonly promptTokens: number
  /** Of the prompt, what the server says that it did not compute again. */
  readonly cachedTokens: number
  readonly completionTokens: number
  /** Computing the rest of the prompt, as the server says. */
  readonly prefillMs: number
}

/** Throws `HttpRefused`; an `Error` for a stream that fails, ends early or has no text. */
export async function streamChat(
  target: WatchedTarget,
  body: ChatBody,
  signal: AbortSignal,
): Promise<StreamedChat> {
  const { onDelta } = target
  const json = JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } })
  const { response, startedAtMs } = await postJson(target, { path: "/v1/chat/completions", json }, signal)
  return await readStream(response, { startedAtMs, onDelta })
}

async function readStream(
  response: IncomingMessage,
  { startedAtMs, onDelta }: { readonly startedAtMs: number; readonly onDelta: WatchedTarget["onDelta"] },
): Promise<StreamedChat> {
  const linesOf = createEventLines()
  const deltaAtMs: number[] = []
  let text = ""
  let ending: Chunk | undefined
  let isDone = false
  for await (const piece of response.setEncoding("utf8")) {
    const atMs = performance.now()
    // Text, because of the encoding above.
    for (const data of linesOf(piece as string)) {
      if (data === "[DONE]") {
        isDone = true
        continue
      }
      const chunk = JSON.parse(data) as Chunk // what is missing in it gives no text and no figures, and is told below
      if (chunk.error !== undefined) throw new Error(`the stream failed: ${JSON.stringify(chunk.error)}`)
      if (chunk.usage) ending = chunk
      const delta = chunk.choices?.[0]?.delta?.content ?? ""
      if (delta === "") continue
      deltaAtMs.push(atMs)
      onDelta?.(atMs)
      text += delta
    }
  }
  const endedAtMs = performance.now()
  const usage = ending?.usage
  if (!isDone || !usage) throw new Error("the stream ended without its last event or without usage")
  if (deltaAtMs.length === 0) throw new Error("the answer has no text")
  return {
    startedAtMs,
    deltaAtMs,
    endedAtMs,
    text,
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    completionTokens: usage.completion_tokens,
    prefillMs: ending?.timings?.prompt_ms ?? 0,
  }
}

interface Chunk {
  readonly error?: unknown
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[]
  readonly usage?: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly prompt_tokens_details?: { readonly cached_tokens?: number }
  } | null
  readonly timings?: { readonly prompt_ms?: number }
}

// The events of one generation, in the order they can come: `start`, then deltas, then exactly one `finish` or `error`.
import { z } from "zod"
import { ERROR_FIELDS } from "./error-fields.ts"
import { fromErrorBody } from "./errors.ts"

export const Usage = z.object({
  promptTokens: z.int().min(0),
  /** Of the prompt tokens, those that were not computed again. */
  cachedTokens: z.int().min(0),
  completionTokens: z.int().min(0),
})
export type Usage = z.infer<typeof Usage>

export const Timings = z.object({
  /** Time to load the model for this request; 0 when it was loaded. */
  loadMs: z.number(),
  /** Request accepted → first content delta. */
  ttftMs: z.number(),
  prefillTokensPerSecond: z.number(),
  decodeTokensPerSecond: z.number(),
  totalMs: z.number(),
  /** Tokens of the answer that were guessed ahead and computed, and of them those that were right. Older servers do not say. */
  draftedTokens: z.int().min(0).optional(),
  acceptedTokens: z.int().min(0).optional(),
  /** What was made steady in the system text so that its results can be used again: `billing-header`, `clock`. */
  normalised: z.array(z.string()).readonly().optional(),
})
export type Timings = z.infer<typeof Timings>

export const FinishReason = z.enum(["stop", "length", "tool-calls"])
export type FinishReason = z.infer<typeof FinishReason>

const TokenLogprobFields = { token: z.string(), bytes: z.array(z.int()), logprob: z.number() }
/** Natural logarithm of the probability that the model gave a token before sampling parameters were applied. */
export const TokenLogprob = z.object({ ...TokenLogprobFields, top: z.array(z.object(TokenLogprobFields)) })
export type TokenLogprob = z.infer<typeof TokenLogprob>

/** What an overflow policy left out of the conversation. */
export const Dropped = z.object({
  policy: z.enum(["drop-oldest", "summarise"]),
  messages: z.int().min(1),
  tokens: z.int().min(1),
})
export type Dropped = z.infer<typeof Dropped>

export const ChatEvent = z.discriminatedUnion("type", [
  // Life of the stream
  z.object({
    type: z.literal("start"),
    model: z.string(),
    id: z.string(),
    dropped: Dropped.optional(),
    /** See `finish`. */
    deterministic: z.literal(true).optional(),
  }),
  z.object({ type: z.literal("prompt-progress"), doneTokens: z.int(), totalTokens: z.int() }),
  // Content
  z.object({ type: z.literal("text-delta"), text: z.string(), logprobs: z.array(TokenLogprob).optional() }),
  z.object({ type: z.literal("reasoning-delta"), text: z.string() }),
  // Tool calls: `arguments` of the deltas are pieces of one JSON text
  z.object({ type: z.literal("tool-call-start"), callId: z.string(), name: z.string() }),
  z.object({ type: z.literal("tool-call-delta"), callId: z.string(), arguments: z.string() }),
  z.object({ type: z.literal("tool-call-end"), callId: z.string() }),
  // Beside the content
  z.object({
    type: z.literal("source"),
    label: z.string(),
    document: z.string(),
    start: z.int(),
    end: z.int(),
    quote: z.string(),
  }),
  z.object({ type: z.literal("notice"), message: z.string() }),
  // The end
  z.object({
    type: z.literal("finish"),
    reason: FinishReason,
    stopString: z.string().optional(),
    usage: Usage,
    timings: Timings,
    /** The model was loaded in deterministic mode: the same request with temperature 0 or a seed gives the same text again. */
    deterministic: z.literal(true).optional(),
  }),
  z.object({
    type: z.literal("error"),
    ...ERROR_FIELDS,
  }),
])
export type ChatEvent = z.infer<typeof ChatEvent>

export interface ToolCall {
  readonly callId: string
  readonly name: string
  /** JSON text as the model wrote it. */
  readonly arguments: string
}

export interface ChatAnswer {
  readonly id: string
  readonly model: string
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  readonly logprobs: readonly TokenLogprob[]
  readonly notices: readonly string[]
  readonly dropped?: Dropped
  readonly reason: FinishReason
  readonly stopString?: string
  readonly usage: Usage
  readonly timings: Timings
  readonly deterministic?: true
}

/**
 * The non-streaming answer: the same events, put together.
 * Throws the `AppError` that an `error` event carries, and `internal` for a stream without an end.
 */
export async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatAnswer> {
  let id = ""
  let model = ""
  let dropped: Dropped | undefined
  let text = ""
  let reasoning = ""
  const toolCalls = new Map<string, { callId: string; name: string; arguments: string }>()
  const logprobs: TokenLogprob[] = []
  const notices: string[] = []
  for await (const event of events) {
    switch (event.type) {
      case "start":
        id = event.id
        model = event.model
        dropped = event.dropped
        break
      case "text-delta":
        text += event.text
        if (event.logprobs !== undefined) logprobs.push(...event.logprobs)
        break
      case "reasoning-delta":
        reasoning += event.text
        break
      case "tool-call-start":
        toolCalls.set(event.callId, { callId: event.callId, name: event.name, arguments: "" })
        break
      case "tool-call-delta": {
        const call = toolCalls.get(event.callId)
        if (call === undefined) throw new Error(`tool-call-delta before tool-call-start: ${event.callId}`)
        call.arguments += event.arguments
        break
      }
      case "notice":
        notices.push(event.message)
        break
      case "finish": {
        const { reason, usage, timings } = event
        const stop = event.stopString === undefined ? {} : { stopString: event.stopString }
        return {
          id,
          model,
          text,
          reasoning,
          toolCalls: [...toolCalls.values()],
          logprobs,
          notices,
          ...(dropped === undefined ? {} : { dropped }),
          reason,
          ...stop,
          usage,
          timings,
          ...(event.deterministic === true ? { deterministic: true as const } : {}),
        }
      }
      case "error":
        throw fromErrorBody(event)
      case "prompt-progress":
      case "tool-call-end":
      case "source":
        break
      default:
        event satisfies never
    }
  }
  throw new Error("the stream ended without `finish` or `error`")
}

// What is the same in every chunk and every body of one answer, and what we add to OpenAI's words.
import type { Dropped } from "@fireside/protocol"

export interface Envelope {
  readonly id: string
  readonly object: string
  /** Seconds since 1970. */
  readonly created: number
  /** As the client named it. */
  readonly model: string
  readonly system_fingerprint: string
}

export interface EnvelopeInput {
  readonly prefix: "chatcmpl" | "cmpl"
  /** Of the `start` event. */
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
}

export function envelope({ prefix, id, object, created, model }: EnvelopeInput): Envelope {
  return {
    id: `${prefix}-${id.replace(/^gen-/, "")}`,
    object,
    created,
    model,
    system_fingerprint: "fireside",
  }
}

/** Left out when there is nothing to say, so that strict clients see OpenAI's words only. */
export function extension(said: {
  readonly dropped?: Dropped | undefined
  readonly notices?: readonly string[]
}): Record<string, unknown> {
  const { dropped, notices = [] } = said
  if (dropped === undefined && notices.length === 0) return {}
  return {
    fireside: {
      ...(dropped === undefined ? {} : { dropped }),
      ...(notices.length === 0 ? {} : { notices: [...new Set(notices)] }),
    },
  }
}

export function finishReason(reason: "stop" | "length" | "tool-calls"): string {
  return reason === "tool-calls" ? "tool_calls" : reason
}

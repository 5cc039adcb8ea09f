// What is the same in every chunk and every body of one answer.

export interface Envelope {
  readonly id: string
  readonly object: string
  /** Seconds since 1970. */
  readonly created: number
  /** As the client named it. */
  readonly model: string
  /** Another one means that the same seed may give another text. */
  readonly system_fingerprint: "fireside" | "fireside-deterministic"
}

export interface EnvelopeInput {
  readonly prefix: "chatcmpl" | "cmpl"
  /** Of the `start` event. */
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  /** Of the `start` event. */
  readonly deterministic: true | undefined
}

export function envelope({ prefix, id, object, created, model, deterministic }: EnvelopeInput): Envelope {
  return {
    id: `${prefix}-${id.replace(/^gen-/, "")}`,
    object,
    created,
    model,
    system_fingerprint: deterministic === true ? "fireside-deterministic" : "fireside",
  }
}

export function finishReason(reason: "stop" | "length" | "tool-calls"): string {
  return reason === "tool-calls" ? "tool_calls" : reason
}

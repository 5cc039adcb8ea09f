// Known programs begin their system prompt with something that changes each time. Made steady, what comes after it need not be computed again.
import type { ChatRequest, Message } from "@fireside/protocol"
import { moveClock } from "./move-clock.ts"
import { normaliseBillingHeader } from "./normalise-billing-header.ts"

/** In this order: what stands behind the clock may be a header, never the other way round. */
const NORMALISERS = [
  { name: "clock", apply: moveClock },
  { name: "billing-header", apply: normaliseBillingHeader },
] as const

export interface NormalisedMessages {
  readonly messages: readonly Message[]
  /** What was changed; empty: the messages are the same ones. */
  readonly names: readonly string[]
}

/** The request's own wish wins over the setting. */
export function normaliseRequest(
  { messages, normalise }: Pick<ChatRequest, "messages" | "normalise">,
  byDefault: boolean,
): NormalisedMessages {
  return (normalise ?? byDefault) ? normaliseMessages(messages) : { messages, names: [] }
}

/** Looks at the first system message only; all others stay as they are. */
export function normaliseMessages(messages: readonly Message[]): NormalisedMessages {
  const at = messages.findIndex((message) => message.role === "system")
  const system = messages[at]
  if (system?.role !== "system") return { messages, names: [] }
  const names: string[] = []
  let { content } = system
  for (const { name, apply } of NORMALISERS) {
    const changed = apply(content)
    if (changed === content) continue
    content = changed
    names.push(name)
  }
  if (names.length === 0) return { messages, names }
  return { messages: messages.with(at, { ...system, content }), names }
}

// What the echo engine says: which text, how much of it, and how certain it is.
import type { ChatEvent, FinishReason, TokenLogprob } from "@fireside/protocol"
import { echoTokenBytes, splitEcho } from "./echo-tokens.ts"
import type { Prompt } from "./engine.ts"

/** What the model "writes", in the form of Qwen's models: tool calls in `<tool_call>` tags. */
export interface EchoAnswer {
  readonly text: string
  readonly reasoning?: string
}

/** The last user message; of other prompts, the text itself. */
export function echoOf(prompt: Prompt): string {
  if (prompt.type === "chat")
    return prompt.messages.findLast((message) => message.role === "user")?.content ?? ""
  if (prompt.type === "infill") return prompt.prefix.split("\n").at(-1) ?? ""
  if (prompt.type === "tokens")
    return Buffer.concat(prompt.tokens.map((token) => echoTokenBytes(token) ?? Buffer.alloc(0))).toString()
  return prompt.text
}

export interface CutAnswer {
  readonly tokens: readonly string[]
  readonly reasoningTokens: number
  readonly reason: FinishReason
  readonly stopString?: string
}

/** The tokens that come out before a limit or a stop string ends them. */
export function cutAnswer(answer: EchoAnswer, room: number, stop: readonly string[]): CutAnswer {
  const reasoning = splitEcho(answer.reasoning ?? "")
  const all = splitEcho(answer.text)
  const allowed = all.slice(0, Math.max(0, room - reasoning.length))
  const shown = allowed.join("")
  const found = stop
    .map((text) => ({ text, at: shown.indexOf(text) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0]
  const reasoningTokens = Math.min(reasoning.length, room)
  const head = reasoning.slice(0, reasoningTokens)
  if (found !== undefined)
    return {
      tokens: [...head, ...splitEcho(shown.slice(0, found.at))],
      reasoningTokens,
      reason: "stop",
      stopString: found.text,
    }
  const whole = allowed.length === all.length && reasoningTokens === reasoning.length
  return { tokens: [...head, ...allowed], reasoningTokens, reason: whole ? "stop" : "length" }
}

export const textDelta = (text: string, top: number | undefined): ChatEvent =>
  top === undefined
    ? { type: "text-delta", text }
    : { type: "text-delta", text, logprobs: splitEcho(text).map((one) => logprobOf(one, top)) }

/** The echo is certain; its alternatives are made up and far behind. */
function logprobOf(token: string, top: number): TokenLogprob {
  const entry = (text: string, logprob: number): Omit<TokenLogprob, "top"> => ({
    token: text,
    bytes: [...Buffer.from(text)],
    logprob,
  })
  const alternatives = Array.from({ length: top }, (_, i) => entry(i === 0 ? token : `${token}${i}`, i * -10))
  return { ...entry(token, 0), top: alternatives }
}

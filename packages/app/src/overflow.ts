// What happens to a conversation that is longer than its context, where the request names a policy: the oldest turns are left out, or the
// model's own summary takes their place. Without a policy nothing is ever cut.
import type { GenerateOptions } from "@fireside/engine"
import { collect, type Dropped, type Message, type OverflowPolicy } from "@fireside/protocol"
import {
  boundAnswer,
  bounds,
  type ChatPrompt,
  type ContextUse,
  contextOverflow,
  countTokens,
} from "./context-bounds.ts"

export interface FitOptions extends ContextUse {
  readonly policy: OverflowPolicy
  /** The prompt of these messages, with what the model adds of its own. */
  readonly withOwn: (messages: readonly Message[]) => ChatPrompt
}

export interface FittedChat {
  readonly prompt: ChatPrompt
  readonly bounds: Pick<GenerateOptions, "maxTokens">
  readonly dropped: Dropped | undefined
}

/** Room for an answer whose length nobody says. */
const ANSWER_TOKENS = 256
/** Of the context, at most this part is kept free for the answer, and as much for a summary. */
const FREE_RATIO = 0.25
const SUMMARY_TOKENS = 256
/** The words around a summary. */
const NOTE_TOKENS = 32
/** A summary of fewer tokens says nothing. */
const LEAST_SUMMARY_TOKENS = 16
/** Each cut is a little more than the last count asks for, so few are enough. */
const CUTS = 6
const CUT_RATIO = 0.9

const NOTE = "Summary of the earlier conversation:"
const INSTRUCTION =
  "Summarise the conversation below in a few sentences. Keep names, numbers, decisions and open questions. Write only the summary."

/**
 * Throws `context-overflow` with both numbers when the system text and the last turn alone are too long, or no policy is named.
 * Dropped are whole turns: a user's message with all that answers it, so no tool result loses its call.
 */
export async function fitChat(
  options: FitOptions,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<FittedChat> {
  const { policy, withOwn } = options
  const whole = withOwn(messages)
  switch (policy) {
    case "refuse":
      return { prompt: whole, bounds: await boundAnswer(options, whole, signal), dropped: undefined }
    case "drop-oldest":
    case "summarise":
      return await shorten(options, { policy, messages, whole }, signal)
    default:
      return policy satisfies never
  }
}

interface Shortening {
  readonly policy: Dropped["policy"]
  readonly messages: readonly Message[]
  readonly whole: ChatPrompt
}

async function shorten(
  options: FitOptions,
  { policy, messages, whole }: Shortening,
  signal: AbortSignal,
): Promise<FittedChat> {
  const { lease, generate, withOwn } = options
  const { model, contextLength } = lease
  const free = Math.floor(contextLength * FREE_RATIO)
  const answerTokens = Math.min(generate.maxTokens ?? ANSWER_TOKENS, free)
  const wholeTokens = await countTokens(model, whole, signal)
  const turns = oldTurns(messages)
  if (wholeTokens + answerTokens <= contextLength || turns.length === 0)
    return { prompt: whole, bounds: bounds(options, wholeTokens), dropped: undefined }

  const noteTokens = policy === "summarise" ? Math.min(SUMMARY_TOKENS, free) + NOTE_TOKENS : 0
  const keep = async (count: number) => {
    const gone = new Set(turns.slice(0, count).flat())
    const kept = withOwn(messages.filter((_, index) => !gone.has(index)))
    return { gone, kept, tokens: await countTokens(model, kept, signal) }
  }
  const fits = async (count: number) =>
    (await keep(count)).tokens + answerTokens + noteTokens <= contextLength
  const { gone, kept, tokens } = await keep(await fewest(turns.length, fits))
  if (tokens >= contextLength) throw contextOverflow(tokens, contextLength)
  const dropped: Dropped = { policy, messages: gone.size, tokens: Math.max(1, wholeTokens - tokens) }
  if (policy === "drop-oldest") return { prompt: kept, bounds: bounds(options, tokens), dropped }

  const room = Math.min(SUMMARY_TOKENS, free, contextLength - tokens - NOTE_TOKENS - 1)
  if (room < LEAST_SUMMARY_TOKENS) throw contextOverflow(tokens, contextLength)
  const left = messages.filter((_, index) => gone.has(index))
  const summary = await summarise(options, { messages: left, maxTokens: room }, signal)
  const noted = { ...kept, messages: withNote(kept.messages, `${NOTE}\n${summary}`) }
  return { prompt: noted, bounds: bounds(options, await countTokens(model, noted, signal)), dropped }
}

/** Indexes of the messages of each turn but the last, without system messages. Before the first user message there may be half a turn. */
export function oldTurns(messages: readonly Message[]): readonly (readonly number[])[] {
  const turns: number[][] = []
  for (const [index, { role }] of messages.entries()) {
    if (role === "system") continue
    if (role === "user" || turns.length === 0) turns.push([index])
    else turns.at(-1)?.push(index)
  }
  return turns.slice(0, -1)
}

/** The smallest of 1…`most` that fits, found by halving: a longer prompt never has fewer tokens. `most` when none does. */
async function fewest(most: number, fits: (count: number) => Promise<boolean>): Promise<number> {
  let low = 1
  let high = most
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await fits(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** Into the system text where there is one: many templates refuse a second. */
function withNote(messages: readonly Message[], note: string): readonly Message[] {
  const at = messages.findIndex((message) => message.role === "system")
  if (at < 0) return [{ role: "system", content: note }, ...messages]
  return messages.map((message, index) =>
    index === at ? { ...message, content: `${message.content}\n\n${note}` } : message,
  )
}

interface Summarising {
  readonly messages: readonly Message[]
  readonly maxTokens: number
}

/** Of messages that are longer than the context, only the newest part is read. */
async function summarise(
  { lease, generate }: ContextUse,
  { messages, maxTokens }: Summarising,
  signal: AbortSignal,
): Promise<string> {
  const { model, contextLength } = lease
  const ask = (text: string): ChatPrompt => ({
    type: "chat",
    messages: [{ role: "user", content: `${INSTRUCTION}\n\n${text}` }],
    think: false,
  })
  const room = contextLength - maxTokens
  let text = messages.map(({ role, content }) => `${role}: ${content}`).join("\n\n")
  let tokens = await countTokens(model, ask(text), signal)
  for (let cut = 0; tokens > room && cut < CUTS; cut += 1) {
    text = text.slice(-Math.max(1, Math.floor(text.length * (room / tokens) * CUT_RATIO))).toWellFormed()
    tokens = await countTokens(model, ask(text), signal)
  }
  if (tokens > room) throw contextOverflow(tokens, contextLength)
  const { cacheOwner } = generate
  const answer = model.generate(
    ask(text),
    {
      sampling: { temperature: 0 },
      maxTokens,
      // The chat itself is what the memory is for.
      cachePrompt: false,
      ...(cacheOwner === undefined ? {} : { cacheOwner }),
    },
    signal,
  )
  return (await collect(answer)).text.trim()
}

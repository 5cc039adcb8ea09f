// From streamed chats to the figures that are compared. Pure. All times in milliseconds.
import { percentile } from "../statistics.ts"
import type { StreamedChat } from "./stream-chat.ts"

/** First byte of the request sent → first delta with text. */
export function ttftMs(chat: StreamedChat): number {
  const [first] = chat.deltaAtMs
  if (first === undefined) throw new Error("the answer has no text")
  return first - chat.startedAtMs
}

/** Between deltas; `within`: only gaps of which a part lies in that time. */
export function gapsMs(
  chat: Pick<StreamedChat, "deltaAtMs">,
  within: { readonly fromMs: number; readonly toMs: number } = {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
  },
): number[] {
  return chat.deltaAtMs.slice(1).flatMap((atMs, index) => {
    const beforeMs = chat.deltaAtMs[index] ?? atMs
    return atMs > within.fromMs && beforeMs < within.toMs ? [atMs - beforeMs] : []
  })
}

/** 1 / mean time between tokens. By tokens and not by deltas: a speculating server sends several at once. */
export function decodeTokensPerSecond(chat: StreamedChat): number {
  const first = chat.deltaAtMs[0] ?? 0
  const last = chat.deltaAtMs.at(-1) ?? 0
  if (chat.completionTokens < 2 || last <= first) throw new Error("the answer is too short to have a speed")
  return ((chat.completionTokens - 1) * 1_000) / (last - first)
}

/** First request sent → last answer ended. */
export function makespanMs(chats: readonly StreamedChat[]): number {
  return Math.max(...chats.map((chat) => chat.endedAtMs)) - Math.min(...chats.map((chat) => chat.startedAtMs))
}

/**
 * Where the time to the first token goes, for the page: what was computed at all, how long the server says that it took, and
 * the rest, which is waiting for a turn, loading, reading the request.
 */
export function prefillProfile(chats: readonly StreamedChat[]): Readonly<Record<string, number>> {
  const middle = (numberOf: (chat: StreamedChat) => number) => percentile(chats.map(numberOf), 0.5)
  return {
    promptTokens: middle((chat) => chat.promptTokens),
    cachedTokens: middle((chat) => chat.cachedTokens),
    prefillMs: middle((chat) => chat.prefillMs),
    otherMs: middle((chat) => Math.max(0, ttftMs(chat) - chat.prefillMs)),
  }
}

// How fast each model writes now: the pieces of its answers, counted as they pass.
import type { Clock } from "@fireside/host"
import type { ChatEvent } from "@fireside/protocol"

export interface AnswerSpeeds {
  /** The same events. */
  follow(events: AsyncIterable<ChatEvent>): AsyncIterable<ChatEvent>
  /** Pieces a second of all its answers; null when there was none in the last seconds. */
  of(model: string): number | null
}

const WINDOW_MS = 3_000
/** The first pieces of an answer are not divided by less: two of them at once would look like thousands a second. */
const SHORTEST_MS = 1_000

export function createAnswerSpeeds(clock: Pick<Clock, "monotonic">): AnswerSpeeds {
  const moments = new Map<string, number[]>()

  /** Those of the window, oldest first. */
  function recent(model: string): number[] {
    const all = moments.get(model) ?? []
    const oldest = clock.monotonic() - WINDOW_MS
    const first = all.findIndex((moment) => moment > oldest)
    if (first < 0) moments.delete(model)
    else if (first > 0) all.splice(0, first)
    return first < 0 ? [] : all
  }

  function count(model: string): void {
    const now = clock.monotonic()
    const all = moments.get(model) ?? []
    const [oldest = now] = all
    // Old ones go now and then: each time all that are left are moved up.
    const times = oldest < now - 2 * WINDOW_MS ? recent(model) : all
    times.push(now)
    moments.set(model, times)
  }

  return {
    async *follow(events) {
      let model = ""
      for await (const event of events) {
        if (event.type === "start") model = event.model
        if (isPiece(event)) count(model)
        yield event
      }
    },
    of(model) {
      const times = recent(model)
      const [first] = times
      if (first === undefined) return null
      return times.length / (Math.max(clock.monotonic() - first, SHORTEST_MS) / 1_000)
    },
  }
}

function isPiece({ type }: ChatEvent): boolean {
  return type === "text-delta" || type === "reasoning-delta" || type === "tool-call-delta"
}

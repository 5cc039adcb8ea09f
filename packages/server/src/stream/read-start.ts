// The first event of an answer that has begun, for what must be said before the answer: headers.
import type { ChatEvent, Dropped } from "@fireside/protocol"

export interface StartedAnswer {
  /** What an overflow policy left out. */
  readonly dropped: Dropped | undefined
  /** Every event, `start` too. */
  readonly events: AsyncIterable<ChatEvent>
}

/** `events` as `beginAnswer` gives them: `start` is there, so this waits for nothing. */
export async function readStart(events: AsyncIterable<ChatEvent>): Promise<StartedAnswer> {
  const iterator = events[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true || first.value.type !== "start") {
    await iterator.return?.()
    throw new Error("an answer began without `start`")
  }
  return { dropped: first.value.dropped, events: resume(first.value, iterator) }
}

async function* resume(first: ChatEvent, iterator: AsyncIterator<ChatEvent>): AsyncGenerator<ChatEvent> {
  try {
    yield first
    for (;;) {
      const next = await iterator.next()
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

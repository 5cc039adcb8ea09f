// The moment an answer begins: what fails before it is an HTTP status, what fails after it is the stream's last frame.
import { type ChatEvent, fromErrorBody } from "@fireside/protocol"

export interface BegunAnswer {
  /** For what must be said before the answer: its id, and headers. */
  readonly start: Extract<ChatEvent, { type: "start" }>
  /** Every event, `start` and the others that were read too. */
  readonly events: AsyncIterable<ChatEvent>
}

/**
 * Reads until the model works on the prompt or says something. An `error` until then is thrown (a prompt that is too long, a grammar that
 * cannot be enforced); so is what `events` throws.
 */
export async function beginAnswer(events: AsyncIterable<ChatEvent>): Promise<BegunAnswer> {
  const iterator = events[Symbol.asyncIterator]()
  const read: ChatEvent[] = []
  for (;;) {
    const next = await iterator.next()
    if (next.done === true) break
    const event = next.value
    if (event.type === "error") {
      await iterator.return?.()
      throw fromErrorBody(event)
    }
    read.push(event)
    if (event.type !== "start" && event.type !== "notice") break
  }
  const [start] = read
  if (start?.type !== "start") {
    await iterator.return?.()
    throw new Error("an answer began without `start`")
  }
  return { start, events: resume(read, iterator) }
}

async function* resume(
  read: readonly ChatEvent[],
  iterator: AsyncIterator<ChatEvent>,
): AsyncGenerator<ChatEvent> {
  try {
    yield* read
    for (;;) {
      const next = await iterator.next()
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

// The moment an answer begins: what fails before it is an HTTP status, what fails after it is the stream's last frame.
import { type ChatEvent, fromErrorBody } from "@fireside/protocol"

/**
 * Reads until the model works on the prompt or says something. An `error` until then is thrown (a prompt that is too long, a grammar that
 * cannot be enforced); so is what `events` throws. The result gives every event, those that were read too.
 */
export async function beginAnswer(events: AsyncIterable<ChatEvent>): Promise<AsyncIterable<ChatEvent>> {
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
  return resume(read, iterator)
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

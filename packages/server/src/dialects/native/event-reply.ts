// Events of the app as a stream of named server-sent events. What fails before the first event is thrown, so it becomes an HTTP status; what
// fails later is the stream's last event.
import type { WaitEvent } from "@fireside/protocol"
import { publicError } from "../../public-error.ts"
import type { Exchange, Reply } from "../../route.ts"
import { SSE_HEARTBEAT, sseFrame } from "../../stream/frames.ts"

interface NamedEvent {
  readonly type: string
}

export type AnswerSource<Event> = (
  onWait: (event: WaitEvent) => void,
  signal: AbortSignal,
) => AsyncIterable<Event>

/**
 * Waits for the first event: a place in the queue, progress of a load, or the answer's own. `start` is called at once; its signal aborts when
 * the reader leaves.
 */
export async function eventReply<Event extends NamedEvent>(
  start: AnswerSource<Event>,
  { log, signal }: Pick<Exchange, "log" | "signal">,
): Promise<Reply> {
  const events = mergeWaiting(start, signal)
  const first = await events.next()
  return {
    type: "stream",
    format: "sse",
    frames: first.done === true ? none() : toFrames(first.value, events, log),
    heartbeat: SSE_HEARTBEAT,
  }
}

async function* none(): AsyncGenerator<string> {}

async function* toFrames(
  first: NamedEvent,
  rest: AsyncGenerator<NamedEvent>,
  log: Exchange["log"],
): AsyncGenerator<string> {
  try {
    yield sseFrame(first, first.type)
    for await (const event of rest) yield sseFrame(event, event.type)
  } catch (error) {
    yield sseFrame({ type: "error", ...publicError(error, log) }, "error")
  } finally {
    await rest.return(undefined)
  }
}

/** Both kinds of events in the order they come. At most one event of the answer is read ahead of the reader. */
async function* mergeWaiting<Event extends NamedEvent>(
  start: AnswerSource<Event>,
  signal: AbortSignal,
): AsyncGenerator<WaitEvent | Event, undefined> {
  const left = new AbortController()
  const waits: WaitEvent[] = []
  let wake = Promise.withResolvers<void>()
  const answer = start(
    (event) => {
      waits.push(event)
      wake.resolve()
    },
    AbortSignal.any([signal, left.signal]),
  )
  const iterator = answer[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = iterator.next()
      let arrived = false
      const settled = next.then(
        () => {
          arrived = true
        },
        () => {
          arrived = true
        },
      )
      while (!arrived) {
        await Promise.race([settled, wake.promise])
        wake = Promise.withResolvers<void>()
        yield* waits.splice(0)
      }
      const event = await next
      yield* waits.splice(0)
      if (event.done === true) return undefined
      yield event.value
    }
  } finally {
    left.abort()
    await iterator.return?.()
  }
}

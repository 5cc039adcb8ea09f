// How an answer's events end, for the two ways they are sent: as a stream an error is its last event, as one body it is thrown.
import type { Log } from "@fireside/host"
import { type ChatEvent, fromErrorBody, toErrorBody } from "@fireside/protocol"

type ErrorEvent = Extract<ChatEvent, { type: "error" }>

/** The same events. What is thrown becomes the last one, an `error`; so does an end without `finish` or `error`. */
export async function* endWithError(events: AsyncIterable<ChatEvent>, log: Log): AsyncGenerator<ChatEvent> {
  try {
    for await (const event of events) {
      yield event
      if (event.type === "finish" || event.type === "error") return
    }
    throw withoutEnd()
  } catch (error) {
    const body = toErrorBody(error)
    if (body.code === "internal") log.error("a stream broke off", { error })
    yield { type: "error", ...body }
  }
}

/** The same events up to `finish`. Throws the `AppError` that an `error` carries, and an `Error` for an end without either. */
export async function* throwErrors(
  events: AsyncIterable<ChatEvent>,
): AsyncGenerator<Exclude<ChatEvent, ErrorEvent>> {
  for await (const event of events) {
    if (event.type === "error") throw fromErrorBody(event)
    yield event
    if (event.type === "finish") return
  }
  throw withoutEnd()
}

function withoutEnd(): Error {
  return new Error("the stream ended without `finish` or `error`")
}

// How an answer's events end, for the two ways they are sent: as a stream an error is its last event, as one body it is thrown.
import type { Log } from "@fireside/host"
import { type ChatEvent, fromErrorBody } from "@fireside/protocol"
import { publicError } from "../public-error.ts"

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
    yield { type: "error", ...publicError(error, log) }
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

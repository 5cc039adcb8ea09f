// Work that is stopped is `interrupted`, whoever stopped it; a client is told when it was the server that stops.
import { AppError, type ChatEvent, toErrorBody } from "@fireside/protocol"

/** The same events, and the reason of the signal, where it is one of ours, in place of `interrupted`. */
export async function* tellReason(
  events: AsyncIterable<ChatEvent>,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  try {
    for await (const event of events) {
      if (event.type !== "error" || event.code !== "interrupted") yield event
      else
        yield {
          type: "error",
          ...toErrorBody(reasonOr(new AppError(event.code, { message: event.message }), signal)),
        }
    }
  } catch (error) {
    throw reasonOr(error, signal)
  }
}

/** The reason of an aborted signal in place of an `interrupted`; any other error as it is. */
export function reasonOr(error: unknown, signal: AbortSignal): unknown {
  if (!signal.aborted || toErrorBody(error).code !== "interrupted") return error
  const reason: unknown = signal.reason
  return reason instanceof AppError ? reason : error
}

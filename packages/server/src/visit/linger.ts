// The answer to a request whose body is not read. A socket that is closed with bytes unread is reset, and the answer is lost with it to a client
// that still writes (RFC 9112, 9.6): so the connection stays until the client is done, and what it sends is thrown away.
import type { IncomingMessage } from "node:http"
import { Readable } from "node:stream"
import type { Clock } from "@fireside/host"

/** A client that sends nothing for this long waits itself. */
const IDLE_MS = 1_000

/** However much it has to send. */
const MOST_MS = 10_000

/** The answer's bytes at once; the stream ends when the rest of `request` has come, has stopped coming, or takes too long. */
export function lingering(answer: string | Uint8Array, request: IncomingMessage, clock: Clock): Readable {
  async function* pieces(): AsyncGenerator<string | Uint8Array> {
    yield answer
    await throwAwayRest(request, clock)
  }
  return Readable.from(pieces())
}

function throwAwayRest(request: IncomingMessage, clock: Clock): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const most = clock.setTimer(MOST_MS, done)
    let idle = clock.setTimer(IDLE_MS, done)
    function done(): void {
      most.cancel()
      idle.cancel()
      request.off("data", onData).pause()
      resolve()
    }
    function onData(): void {
      idle.cancel()
      idle = clock.setTimer(IDLE_MS, done)
    }
    // A client that leaves in the middle is no failure of ours.
    request.on("error", done).once("end", done).once("close", done).on("data", onData)
  })
}

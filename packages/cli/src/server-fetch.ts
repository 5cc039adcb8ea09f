// Requests to the server of this data folder, and to nothing else: its token goes with them. Not through `egress`, because nothing leaves:
// the other side is a process of the same user, named by a file that only this user can write.
import type { IncomingMessage } from "node:http"
import type { BodyReader, ClientFetch, ClientRequest } from "@fireside/protocol"

export interface ServerAddress {
  readonly url: string
  /** Of a self-signed certificate: the one that is trusted. */
  readonly certificatePem?: string | undefined
}

/** Throws what Node throws for a server that cannot be reached. */
export function createServerFetch({ url, certificatePem }: ServerAddress): ClientFetch {
  const { origin } = new URL(url)
  return async (target, request) => {
    if (new URL(target).origin !== origin) throw new Error(`${target} is not at ${origin}`)
    const response = await send(target, request, certificatePem)
    return { status: response.statusCode ?? 0, body: { getReader: () => readerOf(response) } }
  }
}

async function send(
  target: string,
  { method, headers, body, signal }: ClientRequest,
  ca: string | undefined,
): Promise<IncomingMessage> {
  const isTls = target.startsWith("https:")
  const { request } = isTls ? await import("node:https") : await import("node:http")
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const outgoing = request(target, {
      method,
      headers: { ...headers, ...length },
      signal,
      ...(ca === undefined ? {} : { ca }),
    })
    outgoing.once("response", resolve)
    // Listened to for good: an abort after the response is an error event too.
    outgoing.on("error", reject)
    outgoing.end(body)
  })
}

function readerOf(response: IncomingMessage): BodyReader {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  return {
    async read() {
      const { done = false, value } = await chunks.next()
      return done ? { done } : { done, value }
    },
    async cancel() {
      response.destroy()
    },
  }
}

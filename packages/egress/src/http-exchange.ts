// One HTTP request over one passage: headers out, response headers back, and a body that never idles for ever.
import { request as httpRequest, type IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { connect as tlsConnect } from "node:tls"
import type { Clock } from "@fireside/host"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"
import type { EgressResponse } from "./egress.ts"
import { reasonOf } from "./passage.ts"

export interface Exchange {
  readonly socket: Socket
  readonly url: URL
  readonly method: "GET" | "HEAD"
  readonly headers: Readonly<Record<string, string>>
  readonly clock: Clock
}

/**
 * Sends the request and resolves with the response's head. The socket is closed when the body ends, fails or is cancelled.
 * Throws `network-failed`, `bad-response`.
 */
export async function exchange(exchange: Exchange, signal: AbortSignal): Promise<EgressResponse> {
  const { socket, url, method, headers, clock } = exchange
  const wire = url.protocol === "https:" ? await encrypt(socket, url) : socket
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => wire,
      method,
      path: `${url.pathname}${url.search}`,
      headers: {
        "accept-encoding": "identity",
        "user-agent": "fireside",
        ...headers,
        host: url.host,
        connection: "close",
      },
      maxHeaderSize: 64 * 1024,
    })
    const timer = clock.setTimer(DOWNLOAD_LIMITS.firstByteMs, () =>
      request.destroy(new Error("no answer in time")),
    )
    request.once("response", (message) => {
      timer.cancel()
      resolve(message)
    })
    request.on("error", (error) => {
      timer.cancel()
      socket.destroy()
      reject(failed(url, error))
    })
    request.end()
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw error
  })
  const cancel = async () => {
    response.destroy()
    socket.destroy()
  }
  const encoding = response.headers["content-encoding"] ?? "identity"
  if (encoding !== "identity") {
    await cancel()
    throw new AppError("bad-response", {
      message: `${url.host} sent the content encoded as ${encoding}, which was not asked for.`,
    })
  }
  return {
    status: response.statusCode ?? 0,
    headers: flatten(response),
    url: url.href,
    body: readBody({ response, socket, url, clock }, signal),
    cancel,
  }
}

function encrypt(socket: Socket, url: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const host = url.hostname
    // An address in place of a name has no server name to send; its certificate is still checked against it.
    const named = /[a-z]/i.test(host) && !host.startsWith("[")
    const wire = tlsConnect({
      socket,
      host: host.replace(/^\[|\]$/g, ""),
      ...(named ? { servername: host } : {}),
      ALPNProtocols: ["http/1.1"],
    })
    wire.once("secureConnect", () => resolve(wire))
    wire.once("error", (error) => {
      socket.destroy()
      reject(failed(url, error))
    })
    socket.once("close", () => reject(failed(url, new Error("the connection closed during the handshake"))))
  })
}

interface Body {
  readonly response: IncomingMessage
  readonly socket: Socket
  readonly url: URL
  readonly clock: Clock
}

async function* readBody(
  { response, socket, url, clock }: Body,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const idle = () =>
    clock.setTimer(DOWNLOAD_LIMITS.idleMs, () => response.destroy(new Error("nothing came for a minute")))
  let timer = idle()
  try {
    for await (const chunk of response) {
      timer.cancel()
      yield chunk
      timer = idle()
    }
    if (!response.complete) throw new Error("the other side broke off")
  } catch (error) {
    signal.throwIfAborted()
    throw failed(url, error)
  } finally {
    timer.cancel()
    socket.destroy()
  }
}

function flatten(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value
  }
  return headers
}

function failed(url: URL, cause: unknown): AppError {
  return new AppError("network-failed", {
    message: `The connection to ${url.host} failed (${reasonOf(cause)}).`,
    hint: "Run the same command again; what has arrived is kept.",
    details: { host: url.host },
    cause,
  })
}

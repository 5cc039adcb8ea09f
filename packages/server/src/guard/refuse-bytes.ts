// What never becomes a request: bytes that are no HTTP, heads that are too long or come too slowly. Node's parser has thrown them out already;
// here they get an answer a person can read, and one line in the log, with none of the bytes in it.
import type { Socket } from "node:net"
import type { Log } from "@fireside/host"
import { HTTP_LIMITS } from "@fireside/protocol"
import { SECURITY_HEADERS } from "./security-headers.ts"

export interface RefusedBytes {
  readonly error: Error & { readonly code?: string }
  readonly socket: Socket
  readonly log: Log
  /** Set while a request of this socket is being answered: it has its own line, and perhaps its own answer under way. */
  readonly answer: { readonly headersSent: boolean } | undefined
}

export function refuseBytes({ error, socket, log, answer }: RefusedBytes): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return
  const { status, phrase, message } = reasonOf(error.code)
  // A browser opens sockets in advance and sends nothing on them.
  if (answer === undefined && socket.bytesRead > 0)
    log.info("request", { route: "none", status, reason: error.code ?? "unknown" })
  if (socket.writable && answer?.headersSent !== true) {
    const body = JSON.stringify({ error: { code: "bad-request", message } })
    const headers = {
      ...SECURITY_HEADERS,
      "content-type": "application/json; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
      connection: "close",
    }
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    socket.write([`HTTP/1.1 ${status} ${phrase}`, ...head, "", body].join("\r\n"))
  }
  socket.destroy(error)
}

interface Reason {
  readonly status: number
  readonly phrase: string
  readonly message: string
}

function reasonOf(code: string | undefined): Reason {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return {
        status: 408,
        phrase: "Request Timeout",
        message: `The head did not come within ${HTTP_LIMITS.headersMs / 1_000} s.`,
      }
    case "HPE_HEADER_OVERFLOW":
      return {
        status: 431,
        phrase: "Request Header Fields Too Large",
        message: `The head has more than ${HTTP_LIMITS.headerCount} headers or ${HTTP_LIMITS.headerBytes} bytes.`,
      }
    default:
      return { status: 400, phrase: "Bad Request", message: "This is not valid HTTP." }
  }
}

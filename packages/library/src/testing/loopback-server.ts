// A server on loopback that serves files with ranges, and can be wrong in every way that servers are wrong.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** How an answer goes wrong. `undefined`: it does not. */
export type ServerFault =
  | { readonly type: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly type: "stall-at-start" }
  /** Sends `afterBytes` of the body, then nothing more. */
  | { readonly type: "stall"; readonly afterBytes: number }
  /** Sends `afterBytes` of the body, then cuts the connection. */
  | { readonly type: "reset"; readonly afterBytes: number }
  /** One byte more (or less) than the file has, with headers that agree. */
  | { readonly type: "length"; readonly difference: 1 | -1 }
  | { readonly type: "ignore-range" }
  | { readonly type: "etag"; readonly etag: string }
  | { readonly type: "html" }
  | { readonly type: "gzip" }
  | { readonly type: "wrong-range" }
  | { readonly type: "redirect"; readonly location: string }
  | { readonly type: "no-content-range" }
  /** Every byte of the body is another one. */
  | { readonly type: "wrong-bytes" }

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Bytes of the body that went out. */
  sentBytes: number
}

export type ServedContent =
  | Uint8Array
  | { readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }

export interface LoopbackServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string
  readonly requests: readonly SeenRequest[]
  /** Path (without query) → content. */
  readonly content: Map<string, ServedContent>
  readonly redirects: Map<string, string>
  /** Asked for each request of bytes; `nth` counts the requests of that path from 0. */
  fault: (path: string, nth: number) => ServerFault | undefined
  /** Calls `listener` when a total of `bytes` has been sent. */
  onSent(bytes: number, listener: () => void): void
}

const PIECE_BYTES = 16 * 1024

export async function startLoopbackServer(): Promise<LoopbackServer> {
  const requests: SeenRequest[] = []
  const content = new Map<string, ServedContent>()
  const redirects = new Map<string, string>()
  const waiting: { readonly bytes: number; readonly listener: () => void }[] = []
  let sentBytes = 0
  const counts = new Map<string, number>()

  function count(request: SeenRequest, bytes: number): void {
    request.sentBytes += bytes
    sentBytes += bytes
    for (const entry of waiting.filter((item) => item.bytes <= sentBytes)) {
      waiting.splice(waiting.indexOf(entry), 1)
      entry.listener()
    }
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname)
    const seen: SeenRequest = {
      method: request.method ?? "GET",
      path: request.url ?? "/",
      headers: request.headers,
      sentBytes: 0,
    }
    requests.push(seen)
    const target = redirects.get(path)
    if (target !== undefined) {
      response.writeHead(302, { location: target }).end()
      return
    }
    const found = content.get(path)
    const nth = counts.get(path) ?? 0
    counts.set(path, nth + 1)
    const fault = handle.fault(path, nth)
    if (fault?.type === "status") {
      response.writeHead(fault.status, fault.headers).end("no")
      return
    }
    if (fault?.type === "redirect") {
      response.writeHead(302, { location: fault.location }).end()
      return
    }
    if (fault?.type === "stall-at-start") return
    if (found === undefined) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}')
      return
    }
    if (!(found instanceof Uint8Array)) {
      const body = JSON.stringify(found.json)
      response.writeHead(200, { "content-type": "application/json", ...found.headers })
      response.end(request.method === "HEAD" ? "" : body)
      return
    }
    void sendBytes({ request, response, bytes: found, fault, onSent: (bytes) => count(seen, bytes) })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  const handle: LoopbackServer = {
    origin: `http://127.0.0.1:${port}`,
    requests,
    content,
    redirects,
    fault: () => undefined,
    onSent: (bytes, listener) => {
      waiting.push({ bytes: sentBytes + bytes, listener })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return handle
}

interface Sending {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly bytes: Uint8Array
  readonly fault: ServerFault | undefined
  readonly onSent: (bytes: number) => void
}

async function sendBytes({ request, response, bytes, fault, onSent }: Sending): Promise<void> {
  if (fault?.type === "html") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>Please sign in</html>")
    return
  }
  const served =
    fault?.type === "wrong-bytes" ? bytes.map((byte, at) => (at < 4 ? byte : byte ^ 0x55)) : bytes
  const body = fault?.type === "length" ? resized(served, fault.difference) : served
  const etag = fault?.type === "etag" ? fault.etag : `"v1-${bytes.length}"`
  const headers: Record<string, string> = {
    "content-type": "application/octet-stream",
    etag,
    "accept-ranges": "bytes",
    ...(fault?.type === "gzip" ? { "content-encoding": "gzip" } : {}),
  }
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")
  const ifRange = request.headers["if-range"]
  const whole =
    match === null || fault?.type === "ignore-range" || (ifRange !== undefined && ifRange !== etag)
  const start = whole ? 0 : Number(match?.[1])
  if (!whole && start >= body.length) {
    response.writeHead(416, { "content-range": `bytes */${body.length}` }).end()
    return
  }
  const end = whole ? body.length : Math.min(body.length, Number(match?.[2]) + 1)
  if (whole) response.writeHead(200, { ...headers, "content-length": String(body.length) })
  else {
    const shift = fault?.type === "wrong-range" ? 1 : 0
    const range = { "content-range": `bytes ${start + shift}-${end - 1 + shift}/${body.length}` }
    response.writeHead(206, {
      ...headers,
      ...(fault?.type === "no-content-range" ? {} : range),
      "content-length": String(end - start),
    })
  }
  if (request.method === "HEAD") {
    response.end()
    return
  }
  const limit = fault?.type === "stall" || fault?.type === "reset" ? start + fault.afterBytes : end
  for (let at = start; at < Math.min(end, limit); ) {
    const piece = body.subarray(at, Math.min(at + PIECE_BYTES, end, limit))
    if (response.destroyed) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.off("close", done)
        resolve()
      }
      response.once("close", done)
      response.write(piece, done)
    })
    onSent(piece.length)
    at += piece.length
  }
  if (fault?.type === "reset") response.destroy()
  else if (fault?.type !== "stall") response.end()
}

function resized(bytes: Uint8Array, difference: 1 | -1): Uint8Array {
  if (difference === -1) return bytes.subarray(0, -1)
  const longer = new Uint8Array(bytes.length + 1)
  longer.set(bytes)
  return longer
}

// What tests of this package and of its users need: a web server on loopback that can misbehave on purpose.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

export interface LoopbackServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string
  readonly port: number
  /** Connections that were ever accepted. */
  connections(): number
  /** Requests as they came: `GET /path`. */
  requests(): readonly { readonly line: string; readonly headers: IncomingMessage["headers"] }[]
}

/** Starts a server on a free port; its sockets are cut at dispose, so a test never waits for them. */
export async function startLoopbackServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  const requests: { line: string; headers: IncomingMessage["headers"] }[] = []
  let connections = 0
  const server: Server = createServer((request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    handler(request, response)
  })
  server.on("connection", (socket) => {
    connections++
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

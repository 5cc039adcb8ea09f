// How many connections there may be, in all and of one other machine.
import type { Server, Socket } from "node:net"
import { HTTP_LIMITS } from "@fireside/protocol"
import { isLoopback } from "./bind-rules.ts"

/** Also raises Node's own bound on headers by one: it cuts silently at it, and what is cut cannot be refused. */
export function limitConnections(server: Server & { maxHeadersCount?: number | null }): void {
  server.maxConnections = HTTP_LIMITS.connections
  server.maxHeadersCount = HTTP_LIMITS.headerCount + 1
  const perAddress = new Map<string, number>()
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? ""
    if (isLoopback(address)) return
    const count = (perAddress.get(address) ?? 0) + 1
    if (count > HTTP_LIMITS.connectionsPerAddress) {
      socket.destroy()
      return
    }
    perAddress.set(address, count)
    socket.once("close", () => {
      const left = (perAddress.get(address) ?? 1) - 1
      if (left > 0) perAddress.set(address, left)
      else perAddress.delete(address)
    })
  })
}

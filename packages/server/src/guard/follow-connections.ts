// Which connections do nothing: a server that stops closes them, because each would hold it up for as long as it may stay idle.
import type { ServerResponse } from "node:http"
import type { Server, Socket } from "node:net"

export interface Connections {
  /** Closes those without a request, and from then on each as soon as its answer is written. */
  closeIdle(): void
  /** Closes those that are left, in the middle of whatever they do. */
  closeAll(): void
}

export function followConnections(server: Server): Connections {
  const open = new Set<Socket>()
  const idle = new Set<Socket>()
  let isClosing = false

  server.on("connection", (socket: Socket) => {
    open.add(socket)
    socket.once("close", () => open.delete(socket))
  })
  // Under TLS requests come on a socket of their own, after the handshake.
  for (const event of ["connection", "secureConnection"])
    server.on(event, (socket: Socket) => {
      if (isClosing) socket.destroy()
      else idle.add(socket)
      socket.once("close", () => idle.delete(socket))
    })
  server.on("request", ({ socket }: { readonly socket: Socket }, response: ServerResponse) => {
    idle.delete(socket)
    response.once("close", () => {
      if (socket.destroyed) return
      // What is written goes out first.
      if (isClosing) socket.destroySoon()
      else idle.add(socket)
    })
  })

  return {
    closeIdle() {
      isClosing = true
      for (const socket of idle) socket.destroy()
    },
    closeAll() {
      for (const socket of open) socket.destroy()
    },
  }
}

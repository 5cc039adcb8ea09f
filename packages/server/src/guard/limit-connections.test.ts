import { EventEmitter } from "node:events"
import type { Server, Socket } from "node:net"
import { HTTP_LIMITS } from "@fireside/protocol"
import { expect, test } from "vitest"
import { limitConnections } from "./limit-connections.ts"

class FakeSocket extends EventEmitter {
  destroyed = false
  readonly remoteAddress: string
  constructor(remoteAddress: string) {
    super()
    this.remoteAddress = remoteAddress
  }
  destroy(): void {
    this.destroyed = true
    this.emit("close")
  }
}

function world() {
  const server = new EventEmitter() as Server & { maxHeadersCount?: number }
  limitConnections(server)
  const connect = (address: string): FakeSocket => {
    const socket = new FakeSocket(address)
    server.emit("connection", socket as unknown as Socket)
    return socket
  }
  return { server, connect }
}

test("connections of one other machine at n and n + 1; who leaves makes room once", () => {
  const { connect } = world()
  const sockets = Array.from({ length: HTTP_LIMITS.connectionsPerAddress }, () => connect("10.0.0.9"))
  expect(sockets.some((socket) => socket.destroyed)).toBe(false)
  expect(connect("10.0.0.9").destroyed).toBe(true)
  expect(connect("10.0.0.8").destroyed).toBe(false)
  sockets[0]?.destroy()
  expect(connect("10.0.0.9").destroyed).toBe(false)
  expect(connect("10.0.0.9").destroyed).toBe(true)
})

test("this machine has only the bound of all", () => {
  const { connect, server } = world()
  for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
    for (let count = 0; count <= HTTP_LIMITS.connectionsPerAddress; count += 1)
      expect(connect(address).destroyed).toBe(false)
  expect(server.maxConnections).toBe(HTTP_LIMITS.connections)
})

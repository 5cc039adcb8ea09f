// Many connections at once, and slow ones, over real sockets.
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { HTTP_LIMITS } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ServedApp, serveApp } from "../compat/served-app.ts"
import { requestOf, send, statusOf } from "./raw-request.ts"

let served: ServedApp
let port: number
beforeAll(async () => {
  served = await serveApp()
  port = Number(new URL(served.url).port)
})
afterAll(() => served[Symbol.asyncDispose]())

describe("slow and many", () => {
  test("sockets that dribble a head are closed by us, and others are served meanwhile", {
    timeout: 30_000,
  }, async () => {
    const sockets: Socket[] = []
    let closed = 0
    for (let at = 0; at < 200; at += 1) {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.once("close", () => {
        closed += 1
      })
      socket.resume()
      socket.write("GET /health HTTP/1.1\r\nHost: ")
      sockets.push(socket)
    }
    const answer = await fetch(`${served.url}/health`)
    expect(answer.status).toBe(200)
    await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket, "close"))))
    expect(closed).toBe(200)
  })

  test("bodies that dribble keep nobody from a turn", { timeout: 30_000 }, async () => {
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.resume()
      socket.write(requestOf(port, { headers: ["Content-Length: 1000"], body: "{" }))
      return socket
    })
    await Promise.all(sockets.map((socket) => once(socket, "connect")))
    // Those that came first hold the places there are for a moment, the others are refused at once.
    await expect.poll(async () => statusOf(await send(port, requestOf(port))), { timeout: 5_000 }).toBe(200)
    for (const socket of sockets) socket.destroy()
  })

  test("connections at n and n + 1", { timeout: 30_000 }, async () => {
    await using other = await serveApp()
    const port = Number(new URL(other.url).port)
    const open = async (): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      await once(socket, "connect")
      return socket
    }
    const sockets: Socket[] = []
    for (let at = 0; at < HTTP_LIMITS.connections - 1; at += 1) sockets.push(await open())
    const health = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    sockets.push(await open())
    expect(await send(port, health)).toBe("")
    sockets[0]?.destroy()
    await expect.poll(async () => statusOf(await send(port, health))).toBe(200)
    for (const socket of sockets) socket.destroy()
  })
})

import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type Connections, followConnections } from "./follow-connections.ts"

let server: Server
let connections: Connections
let answers: ServerResponse[]
beforeEach(async () => {
  answers = []
  server = createServer({ keepAliveTimeout: 60_000 }, (_request: IncomingMessage, response) => {
    response.writeHead(200)
    response.write("begun ")
    answers.push(response)
  })
  connections = followConnections(server)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function open(bytes: string): Promise<Socket> {
  // `listen` was given a port, so the address is no path.
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1")
  socket.on("error", () => {})
  await once(socket, "connect")
  if (bytes !== "") socket.write(bytes)
  return socket
}

const ASK = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

test("what is idle or silent goes at once, an answer first comes to its end", async () => {
  const silent = await open("")
  const half = await open("GET / HTTP/1.1\r\nHo")
  const asking = await open(ASK)
  await once(asking, "data")
  const idle = await open(ASK)
  await once(idle, "data")
  answers[1]?.end()
  await once(idle, "data")
  const closed = Promise.all([silent, half, idle].map((socket) => once(socket.resume(), "close")))
  const isClosed = once(server, "close")
  server.close()
  connections.closeIdle()
  await closed
  let text = ""
  asking.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk
  })
  answers[0]?.end("done")
  await once(asking, "close")
  expect(text).toContain("done")
  await isClosed
})

test("closeAll waits for nobody", async () => {
  const asking = await open(ASK)
  await once(asking, "data")
  const isClosed = once(server, "close")
  server.close()
  connections.closeIdle()
  connections.closeAll()
  await isClosed
  expect(asking.destroyed || (await once(asking.resume(), "close"))).toBeTruthy()
})

// A forward proxy on loopback for the user's own package clients (pip, npm): each of their connections is decided, pinned and
// entered in the ledger like our own. It lives as long as one pull, and only who knows its secret gets through.
import { randomBytes, timingSafeEqual } from "node:crypto"
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { PassThrough, pipeline, Transform } from "node:stream"
import { AppError, DOWNLOAD_LIMITS, type LedgerEntry, toErrorBody } from "@fireside/protocol"
import type { EgressProxy, EgressProxyRequest } from "./egress.ts"
import { openPassage, type PassageWorld } from "./passage.ts"

const USER = "fireside"

export async function openProxy(
  world: PassageWorld,
  request: EgressProxyRequest,
  signal: AbortSignal,
): Promise<EgressProxy> {
  const secret = randomBytes(24).toString("hex")
  const expected = Buffer.from(`Basic ${Buffer.from(`${USER}:${secret}`).toString("base64")}`)
  const trustedHosts = new Set((request.trustedHosts ?? []).map((host) => host.toLowerCase()))
  const entries: LedgerEntry[] = []
  const sockets = new Set<Socket>()

  const pass = async (host: string, port: number, encrypted: boolean) => {
    const destination = {
      host: host.toLowerCase(),
      port,
      encrypted,
      trusted: trustedHosts.has(host.toLowerCase()),
    }
    const passage = await openPassage(world, request, destination, signal)
    entries.push(passage.entry)
    track(sockets, passage.socket)
    return passage.socket
  }
  const slow = (): Transform =>
    request.pace === undefined ? new PassThrough() : createPaced(request.pace, signal)
  const isAllowed = (message: IncomingMessage) => {
    const given = Buffer.from(message.headers["proxy-authorization"] ?? "")
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  const server = createServer((message, response) => {
    if (!isAllowed(message)) return refuse(response, 407, "the proxy's secret is missing")
    forward({ message, response, pass, slow }).catch((error: unknown) =>
      refuse(response, statusOf(error), toErrorBody(error).message),
    )
  })
  server.on("connect", (message: IncomingMessage, client: Socket, head: Buffer) => {
    track(sockets, client)
    client.on("error", () => client.destroy())
    if (!isAllowed(message)) return endTunnel(client, 407, "Proxy-Authenticate: Basic\r\n")
    tunnel({ authority: message.url ?? "", client, head, pass, slow }).catch((error: unknown) =>
      endTunnel(client, statusOf(error)),
    )
  })
  server.on("connection", (socket) => track(sockets, socket))
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  // Node's type: an address that was listened on by port is never text.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${USER}:${secret}@127.0.0.1:${port}`,
    entries: () => [...entries],
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

type Pass = (host: string, port: number, encrypted: boolean) => Promise<Socket>

interface Tunnel {
  readonly authority: string
  readonly client: Socket
  readonly head: Buffer
  readonly pass: Pass
  /** Makes what the bytes to the client go through: it keeps the rate. */
  readonly slow: () => Transform
}

/** CONNECT: bytes go through unread, so the client checks the certificate itself. */
async function tunnel({ authority, client, head, pass, slow }: Tunnel): Promise<void> {
  const target = URL.canParse(`https://${authority}`) ? new URL(`https://${authority}`) : undefined
  if (target === undefined || target.pathname !== "/" || target.username !== "") return endTunnel(client, 400)
  const remote = await pass(target.hostname, Number(target.port === "" ? 443 : target.port), true)
  client.write("HTTP/1.1 200 Connection established\r\n\r\n")
  if (head.length > 0) remote.write(head)
  for (const socket of [client, remote]) socket.setTimeout(DOWNLOAD_LIMITS.idleMs, () => socket.destroy())
  // Whatever ends one direction by force ends the other; what is still on its way to the client gets there first.
  pipeline(client, remote, (error) => {
    if (error) remote.destroy()
  })
  pipeline(remote, slow(), client, (error) => {
    if (error) client.destroy()
  })
}

/** Headers that concern one hop only (RFC 9110, 7.6.1). */
const HOP_BY_HOP: readonly string[] = [
  "proxy-authorization",
  "proxy-connection",
  "connection",
  "keep-alive",
  "te",
  "upgrade",
  "transfer-encoding",
]

interface Forward {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly pass: Pass
  readonly slow: () => Transform
}

async function forward({ message, response, pass, slow }: Forward): Promise<void> {
  const target = URL.canParse(message.url ?? "") ? new URL(message.url ?? "") : undefined
  if (target?.protocol !== "http:")
    return refuse(response, 400, "only absolute http addresses and CONNECT are proxied")
  const method = message.method ?? ""
  if (method !== "GET" && method !== "HEAD")
    return refuse(response, 405, "package downloads need GET and HEAD only")
  const socket = await pass(target.hostname, Number(target.port === "" ? 80 : target.port), false)
  const headers = Object.fromEntries(
    Object.entries(message.headers).filter(([name]) => !HOP_BY_HOP.includes(name)),
  )
  const outgoing = httpRequest({
    createConnection: () => socket,
    method,
    path: `${target.pathname}${target.search}`,
    headers: { ...headers, host: target.host, connection: "close" },
  })
  outgoing.setTimeout(DOWNLOAD_LIMITS.idleMs, () => outgoing.destroy(new Error("the other side went silent")))
  outgoing.once("response", (incoming) => {
    const back = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.includes(name))
    response.writeHead(incoming.statusCode ?? 502, Object.fromEntries(back))
    pipeline(incoming, slow(), response, (error) => {
      if (error) response.destroy()
    })
  })
  outgoing.once("error", (error) => refuse(response, 502, error.message))
  response.once("close", () => socket.destroy())
  outgoing.end()
}

function createPaced(pace: NonNullable<EgressProxyRequest["pace"]>, signal: AbortSignal): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      pace(chunk.length, signal).then(() => done(null, chunk), done)
    },
  })
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, { "content-type": "text/plain", connection: "close" })
  response.end(`${message}\n`)
}

function endTunnel(client: Socket, status: number, headers = ""): void {
  client.end(`HTTP/1.1 ${status} Refused\r\n${headers}Connection: close\r\n\r\n`)
}

/** Package clients try again after a 5xx but take a 403 as final, which a refusal is. */
function statusOf(error: unknown): number {
  return error instanceof AppError && error.code !== "network-failed" ? 403 : 502
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.once("close", () => sockets.delete(socket))
}

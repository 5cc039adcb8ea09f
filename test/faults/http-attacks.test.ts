// What a page, a neighbour and a broken client can send, over real sockets. After each the server still answers within 200 ms.
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { layoutOf } from "@fireside/host"
import { HTTP_LIMITS } from "@fireside/protocol"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type ServedApp, serveApp } from "../compat/served-app.ts"
import { type Asked, CHAT, requestOf, send as sendTo, statusOf } from "./raw-request.ts"

let served: ServedApp
let port: number
beforeAll(async () => {
  served = await serveApp({ allowedOrigins: ["https://chat.example"] })
  port = Number(new URL(served.url).port)
})
afterAll(() => served[Symbol.asyncDispose]())

const send = (bytes: string | Buffer): Promise<string> => sendTo(port, bytes)
const request = (asked: Asked): string => requestOf(port, asked)

afterEach(async () => {
  const health = await fetch(`${served.url}/health`)
  expect(health.status).toBe(200)
  const chat = await fetch(`${served.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: CHAT,
  })
  expect(chat.status).toBe(200)
})

/** What a server's log says of requests; the file comes with its first line. */
const logLines = async (home: string): Promise<readonly string[]> => {
  const text = await readFile(join(layoutOf(home).logs, "fireside.log"), "utf8").catch(() => "")
  return text.split("\n").filter((line) => line.includes('"message":"request"'))
}

describe("the control", () => {
  test("the same bytes without an attack are answered", async () => {
    expect(statusOf(await send(request({})))).toBe(200)
  })
})

describe("other names and other pages", () => {
  test.each([
    ["Host: evil.test"],
    ["Host: 127.0.0.1.nip.io"],
    ["Host: LOCALHOST."],
    ["Host: localhost", "Origin: http://evil.test"],
    ["Host: localhost", "Origin: null"],
    ["Host: localhost", "Origin: file://"],
    ["Host: localhost", "Origin: http://localhost:9999"],
    ["Host: localhost", "Origin: http://localhost.evil.test"],
    ["Host: localhost", "Sec-Fetch-Site: cross-site"],
    ["Host: localhost", "Sec-Fetch-Site: same-site"],
  ])("%s %s", async (...headers) => {
    const answer = await send(request({ headers }))
    expect(statusOf(answer)).toBe(403)
    expect(answer).not.toMatch(/access-control/i)
  })

  test("no Host, two Hosts, a whole URL", async () => {
    const bare = `GET /health HTTP/1.1\r\n\r\n`
    expect(statusOf(await send(bare))).toBe(400)
    const two = `GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n`
    expect(statusOf(await send(two))).toBe(400)
    const whole = `GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n`
    expect(statusOf(await send(whole))).toBe(400)
  })

  test("an allowed origin is answered with its own name, and only that", async () => {
    const answer = await send(request({ headers: ["Origin: https://chat.example"] }))
    expect(statusOf(answer)).toBe(200)
    expect(answer).toMatch(/access-control-allow-origin: https:\/\/chat\.example\r\n/i)
    expect(answer).not.toMatch(/allow-credentials/i)
  })

  test("a WebSocket is not opened", async () => {
    const answer = await send(
      request({
        method: "GET",
        path: "/api/fireside/v1/machine",
        headers: ["Connection: Upgrade", "Upgrade: websocket", "Origin: http://evil.test"],
        body: "",
      }),
    )
    expect([400, 403]).toContain(statusOf(answer))
  })
})

describe("bodies", () => {
  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/json",
    "",
    "application/json, text/plain",
  ])("JSON as %s is 415", async (type) => {
    expect(statusOf(await send(request({ headers: [`Content-Type: ${type}`] })))).toBe(415)
    expect(statusOf(await send(request({ path: "/api/chat", headers: [`Content-Type: ${type}`] })))).toBe(415)
  })

  test("Ollama's clients may leave the type out, curl may call it a form; a page may not", async () => {
    const body = JSON.stringify({ model: "echo", messages: [{ role: "user", content: "hi" }], stream: false })
    const untyped = (headers: readonly string[]): string =>
      [
        "POST /api/chat HTTP/1.1",
        `Host: localhost:${port}`,
        `Content-Length: ${body.length}`,
        ...headers,
        "",
        body,
      ].join("\r\n")
    const form = "Content-Type: application/x-www-form-urlencoded"
    expect(statusOf(await send(untyped([])))).toBe(200)
    expect(statusOf(await send(untyped([form, "User-Agent: curl/8.5.0"])))).toBe(200)
    expect(statusOf(await send(untyped([form, "User-Agent: curl"])))).toBe(415)
    expect(statusOf(await send(untyped(["Origin: https://chat.example"])))).toBe(415)
    expect(statusOf(await send(untyped(["Sec-Fetch-Mode: no-cors"])))).toBe(415)
    expect(statusOf(await send(untyped(["User-Agent: curl/8.5.0", "Content-Type: text/plain"])))).toBe(415)
    expect(statusOf(await send(untyped([]).replace("/api/chat", "/v1/chat/completions")))).toBe(415)
  })

  test("compressed is 415, and not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const head = request({
      headers: ["Content-Encoding: gzip", `Content-Length: ${bomb.length}`],
      body: "",
    })
    expect(statusOf(await send(Buffer.concat([Buffer.from(head), bomb])))).toBe(415)
  })

  test("too long by its header is refused before it is sent", async () => {
    const head = request({ headers: [`Content-Length: ${HTTP_LIMITS.bodyBytes + 1}`], body: "" })
    const answer = await send(head)
    expect(statusOf(answer)).toBe(413)
    expect(answer).toMatch(/connection: close/i)
  })

  test.each([
    ["/v1/chat/completions", HTTP_LIMITS.bodyBytes],
    ["/v1/embeddings", HTTP_LIMITS.embedBodyBytes],
    ["/v1/rerank", HTTP_LIMITS.embedBodyBytes],
    ["/api/copy", HTTP_LIMITS.smallBodyBytes],
    ["/api/fireside/v1/load", HTTP_LIMITS.smallBodyBytes],
  ])("%s takes %i bytes and not one more", async (path, limitBytes) => {
    const bodyOf = (size: number): string => `{${" ".repeat(size - 2)}}`
    expect(statusOf(await send(request({ path, body: bodyOf(limitBytes) })))).toBe(400)
    expect(statusOf(await send(request({ path, body: bodyOf(limitBytes + 1) })))).toBe(413)
  })

  test.each([
    ["too long by its header", { path: "/v1/chat/completions" }, 413],
    ["of a foreign page", { path: "/v1/chat/completions", headers: ["Origin: http://evil.test"] }, 403],
    ["to a path that is not there", { path: "/v1/nothing" }, 404],
    ["too long in chunks", { headers: ["Transfer-Encoding: chunked"], isChunked: true }, 413],
  ])("a client that reads only when all is sent learns why, with a body %s", async (_, asked, status) => {
    const text = "x".repeat(HTTP_LIMITS.bodyBytes + 1)
    const chunk = `${text.length.toString(16)}\r\n${text}\r\n`
    const body = "isChunked" in asked ? `${chunk}${chunk}0\r\n\r\n` : text
    for (let round = 0; round < 5; round += 1) {
      const socket = connect(port, "127.0.0.1").pause().setEncoding("utf8")
      await once(socket, "connect")
      await new Promise<void>((resolve, reject) => {
        socket.on("error", reject)
        socket.write(request({ ...asked, body }), (error) => (error ? reject(error) : resolve()))
      })
      let answer = ""
      for await (const text of socket) answer += text
      expect(statusOf(answer)).toBe(status)
    }
  })

  test.each([
    ["of a foreign page", { headers: ["Origin: http://evil.test"] }, 403],
    ["of another type", { headers: ["Content-Type: text/plain"] }, 415],
    ["to a path that is not there", { path: "/v1/nothing" }, 404],
    ["without a body", { method: "GET", path: "/v1/nothing", headers: ["Content-Length: 0"], body: "" }, 404],
  ])("what is refused whole keeps its connection: one %s", async (_, asked, status) => {
    const socket = connect(port, "127.0.0.1").setEncoding("utf8")
    await once(socket, "connect")
    let answers = ""
    socket.on("data", (text: string) => {
      answers += text
    })
    for (const [bytes, wanted] of [
      [request(asked), status],
      [request({}), 200],
    ] as const) {
      answers = ""
      socket.write(bytes)
      while (statusOf(answers) === 0 && !socket.destroyed)
        await Promise.race([once(socket, "data"), once(socket, "close")])
      expect(statusOf(answers)).toBe(wanted)
    }
    socket.destroy()
  })

  test("too long in chunks is refused while it comes", async () => {
    const socket = connect(port, "127.0.0.1")
    let answer = ""
    socket.on("error", () => {})
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text
    })
    await once(socket, "connect")
    socket.write(request({ headers: ["Transfer-Encoding: chunked"], body: "" }))
    const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`
    for (let sent = 0; sent < 64 && answer === "" && !socket.destroyed; sent += 1)
      if (!socket.write(chunk))
        await Promise.race([once(socket, "drain"), once(socket, "close"), once(socket, "data")])
    if (answer === "" && !socket.destroyed) await Promise.race([once(socket, "data"), once(socket, "close")])
    expect(statusOf(answer)).toBe(413)
    socket.destroy()
  })

  test.each([
    ["{}", 400],
    ["[]", 400],
    ["null", 400],
    ["", 400],
    ['{"__proto__":{"a":1},"model":"echo","messages":[]}', 400],
    ['{"model":"echo","model":"echo","messages":[]}', 400],
    [`{"model":"echo","messages":${"[".repeat(65)}${"]".repeat(65)}}`, 400],
    [`{"model":"echo","messages":${"[".repeat(1_000_000)}`, 400],
    ['{"model":"echo","messages":[{"role":"user","content":"\\ud800"}]}', undefined],
  ])("%.40s", async (body, status) => {
    const answer = statusOf(await send(request({ body })))
    if (status === undefined) expect([200, 400]).toContain(answer)
    else expect(answer).toBe(status)
  })
})

describe("the protocol itself", () => {
  test.each([
    [
      "length and chunks",
      request({ headers: ["Transfer-Encoding: chunked", "Content-Length: 5"], body: "0\r\n\r\nGET" }),
    ],
    ["a length that is none", request({ headers: ["Content-Length: 5x"] })],
    ["a NUL in a header", request({ headers: ["X-A: a\0b"] })],
    ["a header without a name", request({ headers: [": a"] })],
    ["a space before the colon", request({ headers: ["X-A : a"] })],
    ["no HTTP", "hello\r\n\r\n"],
    ["a bad chunk", request({ headers: ["Transfer-Encoding: chunked"], body: "zz\r\nhello\r\n0\r\n\r\n" })],
  ])("%s is 400", async (_, bytes) => {
    expect([400, 0]).toContain(statusOf(await send(bytes)))
  })

  test("headers at n and n + 1", async () => {
    const filler = (count: number): string[] => Array.from({ length: count }, (_, at) => `X-${at}: a`)
    // Host, Content-Type, Content-Length are three of them.
    expect(statusOf(await send(request({ headers: filler(HTTP_LIMITS.headerCount - 3) })))).toBe(200)
    expect(statusOf(await send(request({ headers: filler(HTTP_LIMITS.headerCount - 2) })))).toBe(400)
    expect(statusOf(await send(request({ headers: [`X-A: ${"a".repeat(HTTP_LIMITS.headerBytes)}`] })))).toBe(
      431,
    )
  })

  test("a URL at n and n + 1", async () => {
    const long = (length: number): string =>
      request({ method: "GET", path: `/${"a".repeat(length - 1)}`, body: "" })
    expect(statusOf(await send(long(HTTP_LIMITS.urlBytes)))).toBe(404)
    expect(statusOf(await send(long(HTTP_LIMITS.urlBytes + 1)))).toBe(400)
  })

  test("an id of any length is an id that nothing has", async () => {
    const path = `/api/fireside/v1/keys/${"a".repeat(2_000)}`
    const answer = await send(request({ method: "DELETE", path, body: "" }))
    expect(statusOf(answer)).toBe(404)
    expect(answer).toContain('"code":"not-found"')
  })

  test.each(["/v1/%ZZ", "/v1/models/%", "/api/fireside/v1/keys/%ff"])(
    "%s, which no percent-decoder reads, comes by Host and Origin like any other",
    async (path) => {
      const ask = (headers: readonly string[]): Promise<string> =>
        send(request({ method: "GET", path, headers, body: "" }))
      const answer = await ask([])
      expect([400, 404, 405]).toContain(statusOf(answer))
      expect(answer).toMatch(/content-security-policy/i)
      expect(statusOf(await ask(["Host: evil.test"]))).toBe(403)
      expect(statusOf(await ask(["Origin: http://evil.test"]))).toBe(403)
    },
  )

  test("what is no HTTP is refused in our form, with one line in the log and none of its bytes", async () => {
    await using other = await serveApp()
    const port = Number(new URL(other.url).port)
    const chunked = ["Transfer-Encoding: chunked"]
    const attacks: readonly (readonly [string, number])[] = [
      ["GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\0CANARY\r\n\r\n", 400],
      ["GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\rINFO CANARY\r\n\r\n", 400],
      [
        request({
          headers: ["Content-Length: 5", ...chunked],
          body: "0\r\n\r\nGET /CANARY HTTP/1.1\r\n\r\n",
        }),
        400,
      ],
      [request({ headers: chunked, body: "CANARY\r\n" }), 400],
      [request({ headers: chunked, body: "5\r\n{CANARY\r\n" }), 400],
      [request({ headers: Array.from({ length: 300 }, (_, at) => `X-CANARY-${at}: a`) }), 431],
      ["GET /health HTTP/1.1\r\n\r\n", 400],
    ]
    for (const [bytes, status] of attacks) {
      const answer = await sendTo(port, bytes)
      expect(statusOf(answer)).toBe(status)
      expect(answer).toMatch(/content-security-policy/i)
      expect(answer).toMatch(/"(?:message|error)":/)
    }
    const lines = (): Promise<readonly string[]> => logLines(other.home)
    await expect.poll(async () => (await lines()).length).toBe(attacks.length)
    for (const line of await lines()) {
      expect(JSON.parse(line)).toMatchObject({ level: "info", status: expect.any(Number) })
      expect(line).not.toContain("CANARY")
    }
  })

  test("paths that no route has are JSON 404 in their dialect, whatever is tried", async () => {
    for (const path of [
      "/v1/nope",
      "/api/nope",
      "/api/fireside/v1/nope",
      "/v1/../etc/passwd",
      "/.env",
      "/v1/%2e%2e/x",
    ]) {
      const answer = await fetch(`${served.url}${path}`)
      expect([400, 404]).toContain(answer.status)
      expect(answer.headers.get("content-type")).toContain("application/json")
    }
  })

  test("headers of every answer", async () => {
    for (const path of ["/health", "/v1/nope", "/docs"]) {
      const { headers } = await fetch(`${served.url}${path}`)
      expect(headers.get("content-security-policy")).toContain("default-src 'self'")
      expect(headers.get("x-content-type-options")).toBe("nosniff")
      expect(headers.get("x-frame-options")).toBe("DENY")
      expect(headers.get("referrer-policy")).toBe("no-referrer")
      expect(headers.get("cache-control")).toBe("no-store")
      expect(headers.get("access-control-allow-origin")).toBeNull()
    }
  })

  test("forwarded names of who asks have no effect", async () => {
    await using closed = await serveApp({ requireKey: true })
    const answer = await fetch(`${closed.url}/v1/models`, {
      headers: {
        "x-forwarded-for": "127.0.0.1",
        "tailscale-user-login": "owner",
        "remote-user": "admin",
        forwarded: "for=127.0.0.1",
      },
    })
    expect(answer.status).toBe(401)
  })
})

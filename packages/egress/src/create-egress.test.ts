import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { layoutOf, openDatabase } from "@fireside/host"
import { DOWNLOAD_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createEgress } from "./create-egress.ts"
import type { Egress, EgressRequest } from "./egress.ts"
import type { Resolver } from "./passage.ts"
import { startLoopbackServer } from "./testing.ts"

const purpose = { reason: "download tiny", feature: "pull", contentClass: "none" } as const
const signal = new AbortController().signal

let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-egress-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

function open(resolve?: Resolver): Egress {
  return createEgress({
    openDatabase: () => openDatabase(layoutOf(home)),
    ...(resolve === undefined ? {} : { resolve }),
  })
}

async function read(egress: Egress, request: Omit<EgressRequest, keyof typeof purpose>): Promise<string> {
  const response = await egress.request({ ...purpose, ...request }, signal)
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** The ledger's rows end with the sockets; a test waits for the row, never for a time. */
async function ledgerWith(egress: Egress, done: (bytesIn: readonly number[]) => boolean) {
  for (;;) {
    const entries = await egress.ledger()
    if (done(entries.map(({ bytesIn }) => bytesIn))) return entries
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe("a request to an origin that the user named", () => {
  test("is in the ledger before the connection, with the bytes that travelled", async () => {
    await using egress = open()
    const seen: number[] = []
    await using server = await startLoopbackServer((_, response) => {
      void egress.ledger().then((entries) => {
        seen.push(entries.length)
        response.end("hello")
      })
    })
    expect(await read(egress, { url: `${server.origin}/a?b=1`, trustedOrigins: [server.origin] })).toBe(
      "hello",
    )
    expect(seen).toEqual([1])
    const [entry] = await ledgerWith(egress, ([bytes]) => bytes !== undefined && bytes > 0)
    expect(entry).toMatchObject({
      seq: 1,
      host: "127.0.0.1",
      address: "127.0.0.1",
      port: server.port,
      verdict: "sent",
      ...purpose,
    })
    expect(entry!.bytesIn).toBeGreaterThan("hello".length)
    expect(entry!.bytesOut).toBeGreaterThan("GET /a?b=1 HTTP/1.1".length)
    expect(await egress.verifyLedger()).toBeNull()
  })

  test("asks for the bytes as they are and refuses others", async () => {
    await using egress = open()
    await using server = await startLoopbackServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" })
      response.end("x")
    })
    await expect(read(egress, { url: server.origin, trustedOrigins: [server.origin] })).rejects.toMatchObject(
      {
        code: "bad-response",
      },
    )
    expect(server.requests()[0]!.headers["accept-encoding"]).toBe("identity")
  })

  test("a body that is cut off is an error, never a short body", async () => {
    await using egress = open()
    await using server = await startLoopbackServer((_, response) => {
      response.writeHead(200, { "content-length": 100 })
      response.write("half", () => response.destroy())
    })
    await expect(read(egress, { url: server.origin, trustedOrigins: [server.origin] })).rejects.toMatchObject(
      {
        code: "network-failed",
      },
    )
  })

  test("an abort ends it", async () => {
    await using egress = open()
    const stop = new AbortController()
    await using server = await startLoopbackServer(() => stop.abort())
    await expect(
      egress.request({ ...purpose, url: server.origin, trustedOrigins: [server.origin] }, stop.signal),
    ).rejects.toMatchObject({ name: "AbortError" })
  })
})

describe("redirects", () => {
  test("lose credentials when the origin changes, and keep them when it does not", async () => {
    await using egress = open()
    await using other = await startLoopbackServer((_, response) => response.end("there"))
    await using server = await startLoopbackServer((request, response) => {
      const to = request.url === "/first" ? "/second" : `${other.origin}/third`
      response.writeHead(302, { location: to }).end()
    })
    const headers = { Authorization: "Bearer secret", Range: "bytes=0-1" }
    const trustedOrigins = [server.origin, other.origin]
    expect(await read(egress, { url: `${server.origin}/first`, headers, trustedOrigins })).toBe("there")
    expect(server.requests().map((request) => request.headers.authorization)).toEqual([
      "Bearer secret",
      "Bearer secret",
    ])
    expect(other.requests()[0]!.headers).toMatchObject({ range: "bytes=0-1" })
    expect(other.requests()[0]!.headers.authorization).toBeUndefined()
  })

  test("into a private network are blocked and recorded", async () => {
    await using egress = open()
    await using hidden = await startLoopbackServer((_, response) => response.end("secret"))
    await using server = await startLoopbackServer((_, response) =>
      response.writeHead(302, { location: hidden.origin.replace("http:", "https:") }).end(),
    )
    await expect(read(egress, { url: server.origin, trustedOrigins: [server.origin] })).rejects.toMatchObject(
      {
        code: "network-blocked",
      },
    )
    expect(hidden.connections()).toBe(0)
    expect((await egress.ledger()).at(-1)).toMatchObject({ verdict: "blocked", address: "127.0.0.1" })
  })

  test.each([
    [DOWNLOAD_LIMITS.redirects, "end"],
    [DOWNLOAD_LIMITS.redirects + 1, "bad-response"],
  ])("%i of them: %s", async (count, outcome) => {
    await using egress = open()
    await using server = await startLoopbackServer((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end("end")
      else response.writeHead(307, { location: `/${left - 1}` }).end()
    })
    const answer = await read(egress, {
      url: `${server.origin}/${count}`,
      trustedOrigins: [server.origin],
    }).catch((error: { code: string }) => error.code)
    expect(answer).toBe(outcome)
  })
})

describe("addresses that are not public", () => {
  test.each([
    "https://127.0.0.1/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://10.0.0.1/",
    "https://172.16.3.4/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://intern.test/",
    "https://mixed.test/",
    "https://evil.test\\@127.0.0.1/",
    "http://public.test/",
    "http://127.0.0.1/",
    "https://a@127.0.0.1/",
    "https://user:pass@public.test/",
    "ftp://public.test/",
    "file:///etc/passwd",
    "data:text/plain,x",
    "gopher://public.test/",
    "//127.0.0.1/",
    "https://",
    "not a url",
    "https://[::1",
    "https://%31%32%37.0.0.1/",
  ])("%s is blocked before a packet", async (url) => {
    const asked: string[] = []
    await using egress = open(async (host) => {
      asked.push(host)
      const addresses: Record<string, string[]> = {
        "intern.test": ["192.168.1.10"],
        "mixed.test": ["8.8.8.8", "127.0.0.1"],
        "public.test": ["8.8.8.8"],
        "evil.test": ["127.0.0.1"],
      }
      return addresses[host] ?? ["127.0.0.1"]
    })
    await expect(egress.request({ ...purpose, url }, signal)).rejects.toMatchObject({
      code: "network-blocked",
    })
    expect((await egress.ledger()).filter(({ verdict }) => verdict === "sent")).toEqual([])
  })

  test("a name that changes its address between the check and the connection finds the checked one pinned", async () => {
    await using server = await startLoopbackServer((_, response) => response.end("pinned"))
    const answers = [["127.0.0.1"], ["10.0.0.1"]]
    await using egress = open(async () => answers.shift() ?? [])
    const origin = `http://flip.test:${server.port}`
    expect(await read(egress, { url: origin, trustedOrigins: [origin] })).toBe("pinned")
    expect(answers).toEqual([["10.0.0.1"]])
    expect((await egress.ledger())[0]).toMatchObject({ host: "flip.test", address: "127.0.0.1" })
  })
})

describe("the lock", () => {
  test("sends nothing, resolves nothing, and records what was refused", async () => {
    let resolved = 0
    await using egress = open(async () => {
      resolved++
      return ["127.0.0.1"]
    })
    await using server = await startLoopbackServer((_, response) => response.end())
    await egress.setLock("locked")
    const origin = `http://hub.test:${server.port}`
    await expect(
      egress.request({ ...purpose, url: origin, trustedOrigins: [origin] }, signal),
    ).rejects.toMatchObject({
      code: "network-locked",
      hint: expect.stringContaining("privacy unlock"),
    })
    await expect(egress.assertUnlocked(purpose)).rejects.toMatchObject({ code: "network-locked" })
    expect(resolved).toBe(0)
    expect(server.connections()).toBe(0)
    expect(await egress.status()).toMatchObject({
      lock: "locked",
      entries: 2,
      lastEntry: { verdict: "blocked", bytesOut: 0 },
    })
  })

  test("holds for other processes and until it is opened", async () => {
    await using server = await startLoopbackServer((_, response) => response.end("ok"))
    {
      await using first = open()
      await first.setLock("locked")
    }
    await using second = open()
    const request = { url: server.origin, trustedOrigins: [server.origin] }
    await expect(read(second, request)).rejects.toMatchObject({ code: "network-locked" })
    await second.setLock("ask")
    expect(await read(second, request)).toBe("ok")
  })

  test("as an allow-list lets the listed hosts through only", async () => {
    await using server = await startLoopbackServer((_, response) => response.end("ok"))
    await using egress = open(async () => ["127.0.0.1"])
    await egress.setLock("allow-list")
    await egress.allowHost("Listed.test")
    const ask = (host: string) => {
      const origin = `http://${host}:${server.port}`
      return read(egress, { url: origin, trustedOrigins: [origin] })
    }
    expect(await ask("listed.test")).toBe("ok")
    await expect(ask("other.test")).rejects.toMatchObject({ code: "network-locked" })
    expect(await egress.allowedHosts()).toEqual(["listed.test"])
    expect(await egress.disallowHost("LISTED.test")).toBe(true)
    expect(await egress.disallowHost("listed.test")).toBe(false)
    await expect(ask("listed.test")).rejects.toMatchObject({ code: "network-locked" })
  })

  test("a ledger that cannot be written stops the request", async () => {
    await using server = await startLoopbackServer((_, response) => response.end("ok"))
    const real = await openDatabase(layoutOf(home))
    await using egress = createEgress({
      openDatabase: async () => ({
        ...real,
        transaction: () => {
          throw new Error("disk I/O error")
        },
      }),
    })
    await expect(
      egress.request({ ...purpose, url: server.origin, trustedOrigins: [server.origin] }, signal),
    ).rejects.toThrow("disk I/O error")
    expect(server.connections()).toBe(0)
  })
})

describe("the proxy for package clients", () => {
  function through(proxy: string, target: string, secret = true): Promise<{ status: number; body: string }> {
    const { hostname, port, username, password } = new URL(proxy)
    const credentials = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: hostname, port, path: target, headers: secret ? { "proxy-authorization": credentials } : {} },
        (response) => {
          let body = ""
          response.on("data", (chunk: Buffer) => {
            body += chunk.toString()
          })
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body }))
        },
      )
      request.on("error", reject)
      request.end()
    })
  }

  test("passes what the client asks of its configured registry, and records it", async () => {
    await using server = await startLoopbackServer((_, response) => response.end("index"))
    await using egress = open()
    await using proxy = await egress.openProxy({ ...purpose, trustedHosts: ["127.0.0.1"] }, signal)
    expect(await through(proxy.url, `${server.origin}/simple/`)).toEqual({ status: 200, body: "index" })
    expect(server.requests()[0]!.line).toBe("GET /simple/")
    expect(server.requests()[0]!.headers["proxy-authorization"]).toBeUndefined()
    expect(proxy.entries()).toHaveLength(1)
    expect(await egress.ledger()).toHaveLength(1)
  })

  test("tunnels with CONNECT", async () => {
    await using server = await startLoopbackServer((_, response) => response.end("through"))
    await using egress = open()
    await using proxy = await egress.openProxy({ ...purpose, trustedHosts: ["127.0.0.1"] }, signal)
    const { port, username, password } = new URL(proxy.url)
    const socket = connect(Number(port), "127.0.0.1")
    let text = ""
    socket.on("data", (chunk) => {
      text += chunk.toString()
      if (text.endsWith("established\r\n\r\n"))
        socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    })
    const credentials = Buffer.from(`${username}:${password}`).toString("base64")
    socket.write(
      `CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\nProxy-Authorization: Basic ${credentials}\r\n\r\n`,
    )
    await once(socket, "close")
    expect(text).toContain("through")
  })

  test("passes bytes on at the pace that it is given, and all of them", async () => {
    const body = "x".repeat(300_000)
    await using server = await startLoopbackServer((_, response) => response.end(body))
    await using egress = open()
    let paced = 0
    const pace = async (bytes: number): Promise<void> => {
      paced += bytes
    }
    await using proxy = await egress.openProxy({ ...purpose, trustedHosts: ["127.0.0.1"], pace }, signal)
    expect((await through(proxy.url, server.origin)).body).toBe(body)
    expect(paced).toBe(body.length)
  })

  test("lets nobody through without its secret, nor to a private host that was not named, nor over the lock", async () => {
    await using server = await startLoopbackServer((_, response) => response.end("index"))
    await using egress = open()
    await using proxy = await egress.openProxy({ ...purpose, trustedHosts: ["127.0.0.1"] }, signal)
    await using strict = await egress.openProxy(purpose, signal)
    expect((await through(proxy.url, server.origin, false)).status).toBe(407)
    expect((await through(strict.url, server.origin)).status).toBe(403)
    await egress.setLock("locked")
    expect((await through(proxy.url, server.origin)).status).toBe(403)
    expect(server.connections()).toBe(0)
  })
})

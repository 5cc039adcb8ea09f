// An egress for tests that speaks to loopback only and writes down what was asked for. It decides nothing but the lock.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http"
import type { Egress, EgressProxyRequest, EgressRequest, EgressResponse } from "@fireside/egress"
import { AppError, DOWNLOAD_LIMITS, type LockState } from "@fireside/protocol"

export interface DirectEgress extends Egress {
  readonly asked: readonly EgressRequest[]
  /** What proxies were opened for. */
  readonly proxies: readonly EgressProxyRequest[]
  lock: LockState
}

export interface DirectEgressOptions {
  /** After this silence of the other side a body breaks off. */
  readonly idleMs?: number
}

export function createDirectEgress({ idleMs = 20_000 }: DirectEgressOptions = {}): DirectEgress {
  const asked: EgressRequest[] = []
  const proxies: EgressProxyRequest[] = []
  const egress: DirectEgress = {
    asked,
    proxies,
    lock: "ask",
    async request(request, signal) {
      await egress.assertUnlocked(request)
      asked.push(request)
      return await follow(request, idleMs, signal)
    },
    async openProxy(purpose) {
      await egress.assertUnlocked(purpose)
      proxies.push(purpose)
      return { url: "http://127.0.0.1:9", entries: () => [], async [Symbol.asyncDispose]() {} }
    },
    async assertUnlocked({ reason }) {
      if (egress.lock === "locked")
        throw new AppError("network-locked", { message: `The lock forbids: ${reason}.` })
    },
    status: async () => ({ lock: egress.lock, sandbox: "none", entries: 0, lastEntry: null }),
    async setLock(state) {
      egress.lock = state
    },
    allowedHosts: async () => [],
    allowHost: async () => {},
    disallowHost: async () => false,
    ledger: async () => [],
    verifyLedger: async () => null,
    async [Symbol.asyncDispose]() {},
  }
  return egress
}

async function follow(request: EgressRequest, idleMs: number, signal: AbortSignal): Promise<EgressResponse> {
  let url = new URL(request.url)
  let headers = request.headers ?? {}
  for (let hop = 0; hop <= DOWNLOAD_LIMITS.redirects; hop += 1) {
    const { sent, response } = await open(url, { ...request, headers }, idleMs, signal)
    const status = response.statusCode ?? 0
    const location = response.headers.location
    if (status < 300 || status >= 400 || location === undefined) return wrap({ url, sent, response, signal })
    response.destroy()
    const next = new URL(location, url)
    if (next.origin !== url.origin)
      headers = Object.fromEntries(
        Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
      )
    url = next
  }
  throw new AppError("bad-response", { message: "Too many redirects.", details: { rule: "redirects" } })
}

function open(
  url: URL,
  request: EgressRequest,
  idleMs: number,
  signal: AbortSignal,
): Promise<{ sent: ClientRequest; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    if (url.hostname !== "127.0.0.1") {
      reject(new AppError("network-failed", { message: `${url.host} is not reachable from a test.` }))
      return
    }
    const sent = httpRequest(url, {
      method: request.method ?? "GET",
      headers: request.headers,
      agent: false,
      signal,
    })
    sent.setTimeout(idleMs, () => sent.destroy(new Error("idle")))
    sent.on("response", (response) => resolve({ sent, response }))
    sent.on("error", (cause) => reject(signal.aborted ? signal.reason : failed(url, cause)))
    sent.end()
  })
}

interface Wrapped {
  readonly url: URL
  readonly sent: ClientRequest
  readonly response: IncomingMessage
  readonly signal: AbortSignal
}

function wrap({ url, sent, response, signal }: Wrapped): EgressResponse {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) headers[name] = String(value)
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for await (const bytes of response) yield bytes as Uint8Array // no encoding was set
    } catch (cause) {
      signal.throwIfAborted()
      throw failed(url, cause)
    }
    if (!response.complete) throw failed(url, new Error("broke off"))
  }
  return {
    status: response.statusCode ?? 0,
    headers,
    url: url.href,
    body: read(),
    async cancel() {
      response.destroy()
      sent.destroy()
    },
  }
}

function failed(url: URL, cause: unknown): AppError {
  return new AppError("network-failed", { message: `${url.host} broke off.`, cause })
}

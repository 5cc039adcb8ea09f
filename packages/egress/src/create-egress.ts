// The broker: the lock, the ledger, requests with their redirects, and the proxy for package clients, behind one door.
import { type Clock, type Database, type Log, probeSandbox, SILENT_LOG, SYSTEM_CLOCK } from "@fireside/host"
import { AppError, DOWNLOAD_LIMITS, type LockState } from "@fireside/protocol"
import type { Egress, EgressRequest, EgressResponse } from "./egress.ts"
import { exchange } from "./http-exchange.ts"
import { createLedger } from "./ledger.ts"
import { createLock } from "./lock.ts"
import { openPassage, type PassageWorld, type Resolver, refuseLocked, SYSTEM_RESOLVER } from "./passage.ts"
import { openProxy } from "./proxy.ts"

export interface EgressOptions {
  /** Called once, at the first use. */
  readonly openDatabase: () => Promise<Database>
  readonly log?: Log
  readonly clock?: Clock
  readonly resolve?: Resolver
  /** Wins over the stored state: for a process that was started offline. */
  readonly lockOverride?: LockState
}

export function createEgress({
  openDatabase,
  log = SILENT_LOG,
  clock = SYSTEM_CLOCK,
  resolve = SYSTEM_RESOLVER,
  lockOverride,
}: EgressOptions): Egress {
  let opening: Promise<{ database: Database; world: PassageWorld }> | undefined
  const open = async (): Promise<PassageWorld> => {
    opening ??= openDatabase().then((database) => {
      const stored = createLock(database, clock)
      const lock = lockOverride === undefined ? stored : { ...stored, state: () => lockOverride }
      return { database, world: { ledger: createLedger(database, clock), lock, clock, log, resolve } }
    })
    return (await opening).world
  }

  return {
    request: async (request, signal) => follow(await open(), request, signal),
    openProxy: async (request, signal) => openProxy(await open(), request, signal),
    async assertUnlocked(purpose) {
      refuseLocked(await open(), purpose, { host: "", port: 0 })
    },
    async status() {
      const { lock, ledger } = await open()
      return {
        lock: lock.state(),
        sandbox: probeSandbox(),
        entries: ledger.count(),
        lastEntry: ledger.last(),
      }
    },
    setLock: async (state) => (await open()).lock.set(state),
    allowedHosts: async () => (await open()).lock.allowedHosts(),
    allowHost: async (host) => (await open()).lock.allow(host),
    disallowHost: async (host) => (await open()).lock.disallow(host),
    ledger: async () => (await open()).ledger.list(),
    verifyLedger: async () => (await open()).ledger.verify(),
    async [Symbol.asyncDispose]() {
      const opened = await opening?.catch(() => undefined)
      opening = undefined
      await opened?.database[Symbol.asyncDispose]()
    },
  }
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]
/** What proves who we are: it goes to the origin it was meant for and nowhere else. */
const CREDENTIALS: readonly string[] = ["authorization", "cookie", "x-api-key", "proxy-authorization"]

async function follow(
  world: PassageWorld,
  request: EgressRequest,
  signal: AbortSignal,
): Promise<EgressResponse> {
  const trusted = new Set((request.trustedOrigins ?? []).map((origin) => parseUrl(origin).origin))
  let url = parseUrl(request.url)
  let headers = lowerCased(request.headers ?? {})
  for (let hop = 0; hop <= DOWNLOAD_LIMITS.redirects; hop++) {
    const response = await send(world, { request, url, headers, trusted: trusted.has(url.origin) }, signal)
    const location = response.headers.location
    if (!REDIRECTS.includes(response.status) || location === undefined) return response
    await response.cancel()
    const next = parseUrl(location, url)
    if (next.origin !== url.origin) headers = withoutCredentials(headers)
    url = next
  }
  throw new AppError("bad-response", {
    message: `${url.host} redirected more than ${DOWNLOAD_LIMITS.redirects} times.`,
    details: { limit: DOWNLOAD_LIMITS.redirects },
  })
}

interface Hop {
  readonly request: EgressRequest
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly trusted: boolean
}

async function send(
  world: PassageWorld,
  { request, url, headers, trusted }: Hop,
  signal: AbortSignal,
): Promise<EgressResponse> {
  const encrypted = url.protocol === "https:"
  const port = Number(url.port === "" ? (encrypted ? 443 : 80) : url.port)
  const { socket } = await openPassage(
    world,
    request,
    { host: url.hostname, port, trusted, encrypted },
    signal,
  )
  try {
    return await exchange(
      { socket, url, method: request.method ?? "GET", headers, clock: world.clock },
      signal,
    )
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** WHATWG parsing only: the text that is judged is the text that is used. */
function parseUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) {
    throw new AppError("network-blocked", {
      message: `${JSON.stringify(text.slice(0, 200))} is not a web address.`,
    })
  }
  const url = new URL(text, base)
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new AppError("network-blocked", { message: `Addresses of the kind ${url.protocol} are not used.` })
  }
  if (url.username !== "" || url.password !== "") {
    throw new AppError("network-blocked", {
      message: `The address of ${url.host} has a user name in it; that is not used.`,
    })
  }
  return url
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.includes(name)))
}

// Starts the server: is the bind allowed, is the data folder free, certificate, listeners, `run/server.json`; and stops it in order.
import { join } from "node:path"
import { acquireLock, type Clock, SYSTEM_CLOCK } from "@fireside/host"
import { AppError, HTTP_LIMITS } from "@fireside/protocol"
import type { FastifyInstance } from "fastify"
import { checkBind, isLoopback } from "./guard/bind-rules.ts"
import { createCrowd } from "./guard/crowd.ts"
import { createWrongKeys } from "./guard/wrong-keys.ts"
import type { ListenerOptions } from "./listener-options.ts"
import { reachNotices } from "./reach-notices.ts"
import type { RunningServer, ServeOptions } from "./server.ts"
import { createToken, readServerFile, removeServerFile, writeServerFile } from "./server-file.ts"
import { type Certificate, loadCertificate, ownAddresses, ownNames } from "./tls.ts"

/**
 * Listens and resolves when clients can connect.
 * Throws `refused-by-configuration` for a bind without protection, `held` when another server has the data folder or the port,
 * `bad-config` for certificates and addresses that cannot be used.
 */
export async function startServer(
  options: ServeOptions,
  clock: Clock = SYSTEM_CLOCK,
): Promise<RunningServer> {
  const { app, log, paths, host, port, ollamaPort, tls, version } = options
  checkBind({ host, tls, hasKeys: isLoopback(host) || (await app.keys.any()) })
  // Loaded here: the terminal enters by the same door only to find out where a server is.
  const [{ createListener }, { createMeter }, { allRoutes }] = await Promise.all([
    import("./create-listener.ts"),
    import("./metrics/create-meter.ts"),
    import("./routes/all-routes.ts"),
  ])
  const certificate = await loadCertificate(tls, paths)
  const lock = await takeFolder(options)
  const notices: string[] = []
  const listeners: FastifyInstance[] = []
  const closing = new AbortController()
  const ending = new AbortController()
  const stopped = Promise.withResolvers<void>()
  let stopping: Promise<void> | undefined

  const stop = (): Promise<void> => {
    closing.abort()
    stopping ??= stopAll()
    return stopping
  }
  const stopAll = async (): Promise<void> => {
    // Answers that run have a moment; those that do not end by themselves are ended with an error event.
    const timer = clock.setTimer(HTTP_LIMITS.gracefulStopMs, () =>
      ending.abort(
        new AppError("shutting-down", {
          message: "The server stopped before the answer was complete.",
          details: { retryAfterSeconds: 5 },
        }),
      ),
    )
    try {
      await Promise.all(listeners.map((listener) => listener.close()))
    } finally {
      timer.cancel()
      await removeServerFile(paths)
      await lock[Symbol.asyncDispose]()
      stopped.resolve()
    }
  }

  const meter = createMeter(() => app.activity())
  const token = createToken()
  const listenerOptions: ListenerOptions = {
    app,
    log,
    clock,
    meter,
    crowd: createCrowd(() => app.activity().capacity),
    allowedOrigins: new Set(options.allowedOrigins),
    routes: allRoutes({ meter, version, requestStop: () => void stop() }),
    tls: certificate,
    hosts: hostNames(options),
    authentication: {
      keys: app.keys,
      token,
      isOpen: isLoopback(host) && !options.requireKey,
      wrongKeys: createWrongKeys(() => clock.monotonic()),
    },
    stopping: ending.signal,
    closing: closing.signal,
  }

  try {
    const main = createListener(listenerOptions)
    listeners.push(main)
    const url = urlOf(await listen(main, { host, port }), certificate)
    const ownCertificate =
      certificate?.isSelfSigned === true ? join(paths.home, "tls", "certificate.pem") : undefined
    notices.push(...reachNotices({ host, url, addresses: ownAddresses(), ownCertificate }))
    const ollamaUrl = ollamaPort === undefined ? undefined : await listenForOllama(ollamaPort)
    await writeServerFile(paths, {
      url: localUrl(url, host),
      pid: process.pid,
      startedAt: new Date(clock.now()).toISOString(),
      token,
      version,
      ...(certificate?.isSelfSigned === true ? { certificatePem: certificate.certificate } : {}),
    })
    // Models that were removed while another server ran. Nobody waits for it.
    app.models.sweep().catch((error: unknown) => log.warn("removed models were not looked at", { error }))
    log.info("the server listens", { url, ...(ollamaUrl === undefined ? {} : { ollamaUrl }) })
    return {
      url,
      ...(ollamaUrl === undefined ? {} : { ollamaUrl }),
      notices,
      stop,
      stopped: stopped.promise,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }

  /** A convenience: without it the server is still there. */
  async function listenForOllama(wanted: number): Promise<string | undefined> {
    const second = createListener(listenerOptions)
    try {
      const at = await listen(second, { host, port: wanted })
      listeners.push(second)
      return urlOf(at, certificate)
    } catch (error) {
      await second.close()
      if (!(error instanceof AppError)) throw error
      notices.push(`No listener on port ${wanted}, where Ollama's clients look: ${error.message}`)
      return undefined
    }
  }
}

async function takeFolder({ paths }: ServeOptions): Promise<AsyncDisposable> {
  try {
    const request = { path: `${paths.run}/server.lock`, purpose: "serve" }
    return await acquireLock(request, new AbortController().signal)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "held") throw error
    const other = await readServerFile(paths)
    if (other === undefined) throw error
    throw new AppError("held", {
      message: `A server of this data folder already runs: process ${other.pid}, ${other.url}`,
      hint: "Use it, or stop it with: fireside stop",
      details: { pid: other.pid, url: other.url },
      cause: error,
    })
  }
}

async function listen(instance: FastifyInstance, at: { host: string; port: number }): Promise<string> {
  try {
    return await instance.listen(at)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === "EADDRINUSE")
      throw new AppError("held", {
        message: `Port ${at.port} on ${at.host} is taken by another program.`,
        hint: "Choose another with --port, or 0 for a free one.",
        details: { port: at.port },
        cause,
      })
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EACCES")
      throw new AppError("bad-config", {
        message: `The server cannot listen on ${at.host}, port ${at.port} (${code}).`,
        hint: "Give an address of this computer, and a port above 1023.",
        cause,
      })
    throw cause
  }
}

const urlOf = (address: string, certificate: Certificate | undefined): string =>
  certificate === undefined ? address : address.replace(/^http:/, "https:")

/** How this machine itself reaches it. */
function localUrl(url: string, host: string): string {
  if (host === "0.0.0.0") return url.replace("0.0.0.0", "127.0.0.1")
  if (host === "::") return url.replace(/\[::\]/, "[::1]")
  return url
}

/** The exact names that the Host header may say. */
function hostNames({ host, allowedHosts }: ServeOptions): ReadonlySet<string> {
  const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address)
  const names = ["localhost", "127.0.0.1", bracketed(host), ...allowedHosts.map((it) => it.toLowerCase())]
  if (host === "::1" || host === "::") names.push("[::1]")
  if (!isLoopback(host)) names.push(...ownNames(), ...ownAddresses().map(bracketed))
  return new Set(names)
}

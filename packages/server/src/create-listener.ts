// One listening port: who may come in (host name, origin, key), what they may send, and the way of a request to its route and back.
import { randomUUID } from "node:crypto"
import type { Clock, Log } from "@fireside/host"
import { AppError, HTTP_LIMITS, toErrorBody } from "@fireside/protocol"
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify"
import { appFor } from "./app-for.ts"
import { type Caller, mayUse, OWNER } from "./caller.ts"
import { encodeFor } from "./dialect-errors.ts"
import { type Authentication, authenticate } from "./guard/authenticate.ts"
import { checkHost } from "./guard/check-host.ts"
import { checkOrigin } from "./guard/check-origin.ts"
import { corsHeaders, preflightHeaders } from "./guard/cross-origin.ts"
import type { Crowd } from "./guard/crowd.ts"
import { followConnections } from "./guard/follow-connections.ts"
import { limitConnections } from "./guard/limit-connections.ts"
import { parseJson } from "./guard/parse-json.ts"
import { checkBodyHeaders, isJson, readBody, streamBody } from "./guard/read-body.ts"
import { SECURITY_HEADERS } from "./guard/security-headers.ts"
import type { Meter } from "./metrics/meter.ts"
import { sendReply } from "./reply/send-reply.ts"
import type { DialectName, Exchange, Route } from "./route.ts"
import { dialectOfPath, matchPath } from "./route-path.ts"
import type { ServeOptions } from "./server.ts"
import { reasonOr } from "./stream/tell-reason.ts"

export interface ListenerOptions extends Pick<ServeOptions, "app" | "log"> {
  readonly allowedOrigins: ReadonlySet<string>
  readonly routes: readonly Route[]
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
  /** Host names it answers to. */
  readonly hosts: ReadonlySet<string>
  readonly authentication: Authentication
  readonly clock: Clock
  readonly meter: Meter
  /** Aborts when the server stops and its time for running answers is over. */
  readonly stopping: AbortSignal
  readonly crowd: Crowd
  /** New requests are refused from then on. */
  readonly isClosing: () => boolean
}

interface Visit {
  readonly id: string
  readonly startedAt: number
  readonly gone: AbortController
  caller: Caller
  route: Route | undefined
  cors: Readonly<Record<string, string>>
  /** Whether the client stays connected after an answer that did not read its body. */
  isBodyRead: boolean
}

const VISIT = Symbol("visit")

/** Time for answers that were ended to say so. */
const LAST_FRAMES_MS = 1_000

/** Made and ready; the caller lets it listen and closes it. */
export function createListener(options: ListenerOptions): FastifyInstance {
  const { routes, tls, clock } = options
  const instance = fastify({
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    forceCloseConnections: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
    bodyLimit: HTTP_LIMITS.blobBytes,
    keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
    // Bodies have their own time in `read-body.ts`: an upload may take longer than a question.
    requestTimeout: 0,
    http: {
      maxHeaderSize: HTTP_LIMITS.headerBytes,
      headersTimeout: HTTP_LIMITS.headersMs,
      connectionsCheckingInterval: 1_000,
    },
    ...(tls === undefined
      ? {}
      : {
          https: {
            cert: tls.certificate,
            key: tls.key,
            maxHeaderSize: HTTP_LIMITS.headerBytes,
            headersTimeout: HTTP_LIMITS.headersMs,
            connectionsCheckingInterval: 1_000,
          },
        }),
  } as Parameters<typeof fastify>[0]) as unknown as FastifyInstance
  limitConnections(instance.server)
  closeConnectionsInTime(instance, options)

  // Bodies are read after the caller is known, by us: nothing is parsed for a stranger.
  instance.removeAllContentTypeParsers()
  instance.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined))

  instance.addHook("onRequest", async (request, reply) => {
    const visit: Visit = {
      id: `req_${randomUUID().replaceAll("-", "")}`,
      startedAt: clock.monotonic(),
      gone: new AbortController(),
      caller: OWNER,
      route: routeOf(request),
      cors: {},
      isBodyRead: !hasBody(request),
    }
    setVisit(request, visit)
    reply.raw.on("close", () => {
      if (!reply.raw.writableFinished)
        visit.gone.abort(new AppError("interrupted", { message: "The client left." }))
      options.meter.request({
        method: request.method,
        path: visit.route?.path ?? "none",
        status: reply.raw.statusCode,
        seconds: (clock.monotonic() - visit.startedAt) / 1_000,
      })
      logVisit(options.log, request, reply, visit, clock.monotonic() - visit.startedAt)
    })
    const handled = await letIn(request, reply, visit, options)
    if (handled) return reply
  })

  instance.setNotFoundHandler((request) => {
    const path = pathOf(request)
    const others = routes.filter((route) => matchPath(route.path, path) !== undefined)
    if (others.length > 0)
      throw new AppError("method-not-allowed", {
        message: `${request.method} is not for ${path.slice(0, 200)}.`,
        hint: `It takes ${others.map((route) => route.method).join(", ")}.`,
      })
    throw new AppError("not-found", { message: `There is nothing at ${path.slice(0, 200)}.` })
  })

  instance.setErrorHandler((error, request, reply) => sendError(error, request, reply, options))

  for (const route of routes)
    instance.route({
      method: route.method,
      url: route.path,
      config: { route },
      handler: (request, reply) => answer(route, request, reply, options),
    })
  return instance
}

/** Nobody else's idle, silent or stuck connection decides how long stopping takes. */
function closeConnectionsInTime(
  instance: FastifyInstance,
  { stopping, clock }: Pick<ListenerOptions, "stopping" | "clock">,
): void {
  const connections = followConnections(instance.server)
  instance.addHook("preClose", async () => connections.closeIdle())
  const abort = (): void => {
    clock.setTimer(LAST_FRAMES_MS, () => connections.closeAll())
  }
  stopping.addEventListener("abort", abort, { once: true })
}

/** Host, origin, key and scope. True when the answer was sent here. Throws what refuses the request. */
async function letIn(
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  options: ListenerOptions,
): Promise<boolean> {
  const { raw } = request
  if (raw.rawHeaders.length / 2 > HTTP_LIMITS.headerCount)
    throw new AppError("bad-request", {
      message: `The request has more than ${HTTP_LIMITS.headerCount} headers.`,
    })
  if (request.url.length > HTTP_LIMITS.urlBytes)
    throw new AppError("bad-request", { message: `The path is longer than ${HTTP_LIMITS.urlBytes} bytes.` })
  // `raw.url`, because the router has already cut a whole URL down to its path.
  const host = checkHost({ url: raw.url ?? "", rawHeaders: raw.rawHeaders }, options.hosts)
  const origin = checkOrigin({
    origin: request.headers.origin,
    fetchSite: headerOf(request, "sec-fetch-site"),
    host,
    isTls: options.tls !== undefined,
    allowedOrigins: options.allowedOrigins,
  })
  if (origin !== undefined) visit.cors = corsHeaders(origin)
  if (request.method === "OPTIONS" && origin !== undefined) {
    const asked = headerOf(request, "access-control-request-headers")
    await reply
      .code(204)
      .headers({ ...baseHeaders(visit), ...preflightHeaders(origin, asked) })
      .send()
    return true
  }
  if (options.isClosing())
    throw new AppError("shutting-down", {
      message: "The server is stopping.",
      details: { retryAfterSeconds: 5 },
    })
  const { route } = visit
  if (route?.access === "public") return false
  visit.caller = await authenticate(request.headers, request.ip, options.authentication)
  if (route !== undefined && route.access !== "any" && !mayUse(visit.caller, route.access as never))
    throw new AppError("forbidden", {
      message: `This key has not the scope \`${route.access}\`.`,
      hint: `Its scopes: ${visit.caller.scopes.join(", ")}.`,
    })
  if (route?.access === "chat" || route?.access === "embed")
    reply.raw.once("close", options.crowd.enter(visit.caller.owner))
  return false
}

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ListenerOptions,
): Promise<FastifyReply> {
  const visit = visitOf(request)
  const { app, clock, stopping } = options
  const { caller } = visit
  const body = await bodyOf(route, request, visit, clock)
  if (caller.key !== undefined && (route.access === "chat" || route.access === "embed"))
    await app.keys.admit(caller.key.id)
  const exchange: Exchange = {
    app: appFor({ app, caller, meter: options.meter, now: () => clock.monotonic() }),
    caller,
    body,
    bytes: streamed(route, request, visit, clock),
    // The router gives texts.
    params: request.params as Readonly<Record<string, string>>,
    query: lastOfEach(request.query),
    headers: lastOfEach(request.headers),
    requestId: visit.id,
    log: options.log.with({ requestId: visit.id }),
    now: () => Math.floor(clock.now() / 1_000),
    signal: AbortSignal.any([visit.gone.signal, stopping]),
  }
  const made = await route.handle(exchange)
  const headers = { ...baseHeaders(visit), ...(visit.isBodyRead ? {} : { connection: "close" }) }
  return sendReply(reply, made, { headers, clock, leave: () => visit.gone.abort() })
}

async function bodyOf(route: Route, request: FastifyRequest, visit: Visit, clock: Clock): Promise<unknown> {
  const { body } = route
  if (body === undefined || body.type === "bytes") return undefined
  const limitBytes = body.limitBytes ?? HTTP_LIMITS.bodyBytes
  checkBodyHeaders(request.headers, limitBytes)
  if (!hasBody(request)) {
    if (body.optional === true) return {}
    throw new AppError("bad-request", { message: "The request has no body.", hint: "Send a JSON object." })
  }
  const contentType = request.headers["content-type"]
  if (!isJson(contentType) && !isUntypedOllama(route, request))
    throw new AppError("unsupported-media-type", {
      message: `The body is ${contentType === undefined ? "of no type" : JSON.stringify(contentType.slice(0, 80))}.`,
      hint: "Send it with `content-type: application/json`.",
    })
  const bytes = await readBody(request.raw, {
    limitBytes,
    clock,
    giveUp: (error) => request.raw.destroy(error),
  })
  visit.isBodyRead = true
  const value = bytes.length === 0 && body.optional === true ? {} : parseJson(bytes)
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("bad-request", { message: "The body is not a JSON object." })
  return value
}

/**
 * Ollama reads JSON whatever it is called, and its clients rely on that: `curl -d` calls it a form (Ollama's own examples are written so),
 * LiteLLM calls it nothing. Pages can send both anywhere, but no browser sends a POST without Origin, nor one under curl's name.
 */
function isUntypedOllama(route: Route, request: FastifyRequest): boolean {
  const { origin, "content-type": type, "user-agent": agent = "" } = request.headers
  if (route.dialect !== "ollama" || origin !== undefined || headerOf(request, "sec-fetch-mode") !== undefined)
    return false
  return type === undefined || (type === "application/x-www-form-urlencoded" && agent.startsWith("curl/"))
}

async function* streamed(
  route: Route,
  request: FastifyRequest,
  visit: Visit,
  clock: Clock,
): AsyncGenerator<Uint8Array> {
  if (route.body?.type !== "bytes") return
  const { limitBytes } = route.body
  checkBodyHeaders(request.headers, limitBytes)
  yield* streamBody(request.raw, { limitBytes, clock, giveUp: (error) => request.raw.destroy(error) })
  visit.isBodyRead = true
}

function sendError(
  cause: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ListenerOptions,
): unknown {
  const error = reasonOr(cause, options.stopping)
  const visit = visitOf(request)
  const dialect: DialectName = visit.route?.dialect ?? dialectOfPath(pathOf(request))
  const isOurs = toErrorBody(error).code === "internal"
  if (isOurs)
    options.log.error("a request failed by a mistake of ours", {
      requestId: visit.id,
      stack: error instanceof Error ? error.stack : String(error),
    })
  const wire = encodeFor(dialect, error, visit.id)
  // The rest of a body that nobody reads must not be waited for.
  const closing = visit.isBodyRead ? {} : { connection: "close" }
  if (!visit.isBodyRead) lingerThenClose(request, options.clock)
  return reply
    .code(wire.status)
    .headers({
      ...baseHeaders(visit),
      "content-type": "application/json; charset=utf-8",
      ...wire.headers,
      ...closing,
    })
    .send(JSON.stringify(wire.body))
}

/** A client that still writes would be cut off before it reads the answer; what it sends is thrown away for a moment. */
const LINGER_MS = 1_000

function lingerThenClose(request: FastifyRequest, clock: Clock): void {
  request.raw.on("error", () => {})
  request.raw.resume()
  clock.setTimer(LINGER_MS, () => request.raw.destroy())
}

function baseHeaders(visit: Visit): Readonly<Record<string, string>> {
  return { ...SECURITY_HEADERS, "x-request-id": visit.id, "request-id": visit.id, ...visit.cors }
}

function logVisit(
  log: Log,
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  durationMs: number,
): void {
  log.info("request", {
    requestId: visit.id,
    method: request.method,
    // The pattern, never the path as sent: what a stranger writes there does not belong into a log.
    route: visit.route?.path ?? "none",
    status: reply.raw.statusCode,
    durationMs: Math.round(durationMs),
    owner: visit.caller.owner,
    ...(reply.raw.writableFinished ? {} : { clientLeft: true }),
  })
}

const hasBody = (request: FastifyRequest): boolean =>
  request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0

const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? ""

function routeOf(request: FastifyRequest): Route | undefined {
  return (request.routeOptions.config as { readonly route?: Route }).route
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(", ") : value
}

function lastOfEach(values: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries((values ?? {}) as Record<string, unknown>).flatMap(([name, value]) => {
      const last: unknown = Array.isArray(value) ? value.at(-1) : value
      return typeof last === "string" ? [[name, last]] : []
    }),
  )
}

// Fastify's own way to decorate a request is typed for the whole program; a symbol is not seen by anyone else.
function setVisit(request: FastifyRequest, visit: Visit): void {
  Object.assign(request, { [VISIT]: visit })
}

function visitOf(request: FastifyRequest): Visit {
  return (request as unknown as { readonly [VISIT]: Visit })[VISIT]
}
